"""pyrofile over the files named; prints a list of [file, fault] as JSON. It knows no definitions of
extensions offline, so an unknown one is no fault to it."""

import json
import sys
from pathlib import Path

from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

config = ValidatorConfig(allow_unknown_extensions=True)
faults = []
for file in sys.argv[1:]:
    report = Validator(config).validate_path(Path(file))
    if report.resource_count < 1:
        faults.append([file, "no resource was read from it"])
    for issue in report.errors:
        faults.append([file, f"{issue.path}: {issue.message}"])
print(json.dumps(faults))
