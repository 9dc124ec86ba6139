# The message that asks a patient at home how it goes. It names no illness.
# Spanish. `.of` is the English text it was made from; docs/languages.md says how it is checked.

message-subject = { $department }: ¿cómo está?
    .of = d4017adf2c22
    .state = draft
message-ask = { $department } quiere saber cómo está usted.
    .of = cf30317e1395
    .state = draft
message-open = Por favor, abra esta página. Toma dos minutos:
    .of = cca749f89d2f
    .state = draft
message-wrong = ¿Este mensaje no es para usted? Abra la página y elija “No soy yo”.
    .of = 6439932ee2c7
    .state = draft
message-stop = En la misma página puede parar estos mensajes. Nadie lee las respuestas a este mensaje.
    .of = 158ff27bed97
    .state = draft
