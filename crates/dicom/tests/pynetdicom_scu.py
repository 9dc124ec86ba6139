"""A scanner made of pynetdicom: queries the worklist, then tells of a performed step.

Arguments: host, port, calling and called AE title, what to do. Prints one line of JSON for each
thing that happened.
"""

import json
import sys

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

host, port, calling, called, what = sys.argv[1:6]


def tell(**event):
    print(json.dumps(event), flush=True)


def associate(*classes):
    entity = AE(ae_title=calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    for sop_class in classes:
        entity.add_requested_context(sop_class, [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
    return entity.associate(host, int(port), ae_title=called)


def query():
    identifier = Dataset()
    identifier.SpecificCharacterSet = "ISO_IR 192"
    identifier.PatientName = ""
    identifier.PatientID = ""
    identifier.AccessionNumber = ""
    identifier.StudyInstanceUID = ""
    identifier.RequestedProcedureID = ""
    step = Dataset()
    step.Modality = "MR"
    step.ScheduledStationAETitle = ""
    step.ScheduledProcedureStepStartDate = ""
    step.ScheduledProcedureStepStartTime = ""
    step.ScheduledProcedureStepID = ""
    step.ScheduledProcedureStepDescription = ""
    step.ScheduledProtocolCodeSequence = []
    identifier.ScheduledProcedureStepSequence = [step]
    return identifier


def worklist(association):
    found = []
    for status, match in association.send_c_find(query(), ModalityWorklistInformationFind):
        if status.Status in (0xFF00, 0xFF01):
            found.append(match)
            step = match.ScheduledProcedureStepSequence[0]
            tell(
                match=str(match.PatientName),
                id=match.PatientID,
                charset=match.get("SpecificCharacterSet", ""),
                step=step.ScheduledProcedureStepID,
                protocol=step.ScheduledProtocolCodeSequence[0].CodeValue,
            )
        else:
            tell(find=status.Status)
    return found


def begun(match, uid):
    """The attributes that a scanner copies from the worklist into its step."""
    step = match.ScheduledProcedureStepSequence[0]
    scheduled = Dataset()
    scheduled.StudyInstanceUID = match.StudyInstanceUID
    scheduled.ReferencedStudySequence = []
    scheduled.AccessionNumber = match.AccessionNumber
    scheduled.RequestedProcedureID = match.RequestedProcedureID
    scheduled.RequestedProcedureDescription = ""
    scheduled.ScheduledProcedureStepID = step.ScheduledProcedureStepID
    scheduled.ScheduledProcedureStepDescription = step.ScheduledProcedureStepDescription
    scheduled.ScheduledProtocolCodeSequence = step.ScheduledProtocolCodeSequence
    told = Dataset()
    told.SpecificCharacterSet = "ISO_IR 192"
    told.Modality = "MR"
    told.PatientName = match.PatientName
    told.PatientID = match.PatientID
    told.PatientBirthDate = ""
    told.PatientSex = ""
    told.ReferencedPatientSequence = []
    told.ScheduledStepAttributesSequence = [scheduled]
    told.PerformedProcedureStepID = "PPS1"
    told.PerformedStationAETitle = calling
    told.PerformedStationName = ""
    told.PerformedLocation = ""
    told.PerformedProcedureStepStartDate = "20261103"
    told.PerformedProcedureStepStartTime = "084500"
    told.PerformedProcedureStepEndDate = ""
    told.PerformedProcedureStepEndTime = ""
    told.PerformedProcedureStepStatus = "IN PROGRESS"
    told.PerformedProcedureStepDescription = ""
    told.PerformedProcedureTypeDescription = ""
    told.PerformedProtocolCodeSequence = step.ScheduledProtocolCodeSequence
    told.PerformedSeriesSequence = []
    told.ProcedureCodeSequence = []
    told.StudyID = ""
    return told


def ended():
    told = Dataset()
    told.PerformedProcedureStepStatus = "COMPLETED"
    told.PerformedProcedureStepEndDate = "20261103"
    told.PerformedProcedureStepEndTime = "090500"
    series = Dataset()
    series.SeriesInstanceUID = "1.2.826.0.1.3680043.10.9.1"
    series.SeriesDescription = "T2 SAG"
    series.ProtocolName = "CES1"
    series.PerformingPhysicianName = ""
    series.OperatorsName = ""
    series.RetrieveAETitle = ""
    series.ReferencedImageSequence = []
    series.ReferencedNonImageCompositeSOPInstanceSequence = []
    told.PerformedSeriesSequence = [series]
    return told


def wrong_entry():
    told = Dataset()
    told.PerformedProcedureStepStatus = "DISCONTINUED"
    told.PerformedProcedureStepEndDate = "20261103"
    told.PerformedProcedureStepEndTime = "084600"
    reason = Dataset()
    reason.CodeValue = "110514"
    reason.CodingSchemeDesignator = "DCM"
    reason.CodeMeaning = "Incorrect worklist entry selected"
    told.PerformedProcedureStepDiscontinuationReasonCodeSequence = [reason]
    told.PerformedSeriesSequence = []
    return told


def change(association, told, uid):
    status, _ = association.send_n_set(told, ModalityPerformedProcedureStep, uid)
    tell(
        set=status.Status,
        comment=status.get("ErrorComment", ""),
        error=status.get("ErrorID", 0),
    )


def scan(association, end):
    match = worklist(association)[0]
    uid = "1.2.826.0.1.3680043.10.7." + match.PatientID.lstrip("P0").rjust(1, "0")
    status, _ = association.send_n_create(
        begun(match, uid), ModalityPerformedProcedureStep, uid
    )
    tell(create=status.Status)
    status, _ = association.send_n_create(
        begun(match, uid), ModalityPerformedProcedureStep, uid
    )
    tell(create=status.Status)
    change(association, end, uid)
    change(association, ended(), uid)
    change(association, ended(), uid + ".404")


if what == "contexts":
    association = associate(
        Verification,
        StudyRootQueryRetrieveInformationModelFind,
        PatientRootQueryRetrieveInformationModelFind,
        ModalityWorklistInformationFind,
    )
    tell(
        accepted=[context.abstract_syntax for context in association.accepted_contexts],
        refused=[
            [context.abstract_syntax, context.result]
            for context in association.rejected_contexts
        ],
    )
    tell(echo=association.send_c_echo().Status)
    association.release()
    sys.exit()

association = associate(
    Verification, ModalityWorklistInformationFind, ModalityPerformedProcedureStep
)
if not association.is_established:
    tell(rejected=association.is_rejected)
elif what == "find":
    worklist(association)
elif what == "scan":
    scan(association, ended())
elif what == "wrong":
    scan(association, wrong_entry())
if association.is_established:
    association.release()
    tell(released=association.is_released)
