# The message that asks a patient at home how it goes. It names no illness.
# English is the source. `.safety = yes`: a danger sign, when to call, a medicine, or what holds people back from care.

message-subject = { $department }: how are you?
    .safety = no
    .state = draft
message-ask = { $department } would like to know how you are.
    .safety = no
    .state = draft
message-open = Please open this page. It takes two minutes:
    .safety = no
    .state = draft
message-wrong = Is this not meant for you? Open the page and choose “This is not me”.
    .safety = no
    .state = draft
message-stop = You can stop these messages on the same page. Nobody reads answers to this message.
    .safety = yes
    .state = draft
