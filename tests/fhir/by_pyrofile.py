"""pyrofile over the files named; prints a list of [file, fault] as JSON.

It knows no definitions of extensions offline, so an unknown one is no fault to it. Two gaps of
version 0.3.0 are closed here: it does not find a questionnaire that the response holds inside or
that another file of the folder is, and it takes `Questionnaire.item.text` of R4 for unknown.
"""

import json
import re
import sys
from pathlib import Path

from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

KNOWN_ELEMENT = re.compile(r"^Questionnaire\.item\[\d+\]\.text: Unknown element ")


class Forms(Validator):
    """Answers are checked against their questions, wherever those stand."""

    published = {}

    def _validate_questionnaire_response(self, response, index):
        inside = {f"#{form.get('id')}": form for form in response.get("contained", [])}
        return super()._validate_questionnaire_response(
            response, {**index, **self.published, **inside}
        )


files = [Path(name) for name in sys.argv[1:]]
for file in files:
    resource = json.loads(file.read_text(encoding="utf-8"))
    if resource.get("resourceType") == "Questionnaire" and "url" in resource:
        Forms.published[f"{resource['url']}|{resource.get('version')}"] = resource

validator = Forms(ValidatorConfig(allow_unknown_extensions=True))
faults = []
for file in files:
    report = validator.validate_path(file)
    if report.resource_count < 1:
        faults.append([str(file), "no resource was read from it"])
    for issue in report.errors:
        fault = f"{issue.path}: {issue.message}"
        if not KNOWN_ELEMENT.match(fault):
            faults.append([str(file), fault])
print(json.dumps(faults))
