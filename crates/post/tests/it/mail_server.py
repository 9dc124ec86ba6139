"""A mail server for the tests: aiosmtpd on a free port, told in JSON what to answer.

Prints a line of JSON for its port, and one for each thing that happens. Ends when
standard input is closed.
"""

import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult

# What goes wrong here is what a test wants to go wrong.
logging.disable()
settings = json.loads(sys.argv[1])


def tell(**event):
    print(json.dumps(event), flush=True)


class Handler:
    async def handle_exception(self, error):
        return "451 this server has a fault"

    async def answer(self, step):
        if settings.get("hangs_at") == step:
            await asyncio.Event().wait()
        waiting = settings.get("answers", {}).get(step, [])
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(self, server, session, envelope, address, options):
        tell(step="MAIL")
        if answer := await self.answer("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := await self.answer("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if answer := await self.answer("DATA"):
            return answer
        raw = envelope.original_content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        tell(
            step="DATA",
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            hello=session.host_name,
            encrypted=server.transport.get_extra_info("ssl_object") is not None,
            login=session.auth_data.login.decode() if session.auth_data else None,
            headers=[[name.lower(), str(value)] for name, value in mail.items()],
            text=mail.get_content(),
            ascii=raw.isascii(),
            longest=max(len(line) for line in raw.split(b"\r\n")),
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, given):
    login = settings["login"]
    right = given.login.decode() == login[0] and given.password.decode() == login[1]
    return AuthResult(success=right, handled=False, auth_data=given)


def protocol():
    options = {"hostname": "mail.example.org", "enable_SMTPUTF8": False}
    if settings.get("encryption") == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if "login" in settings:
        options |= {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": settings.get("encryption") == "starttls",
        }
    return SMTP(Handler(), **options)


async def serve():
    implicit = context if settings.get("encryption") == "tls" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


def end_with_the_test():
    sys.stdin.read()
    os._exit(0)


context = None
if "chain" in settings:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings["chain"], settings["key"])
threading.Thread(target=end_with_the_test, daemon=True).start()
asyncio.run(serve())
