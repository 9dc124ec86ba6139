"""The other side: sends by hl7's client, takes by hl7's server, and checks by hl7apy.

The first argument is JSON and says what to do; every line printed is JSON. Messages come and go
as Latin-1 text, one character a byte, so that no byte of them is lost on the way.
"""

import asyncio
import json
import sys

import hl7
import hl7.client
import hl7.mllp


def tell(**what):
    print(json.dumps(what), flush=True)


def send(port, messages):
    """Sends all on one line, each after the answer to the one before."""
    with hl7.client.MLLPClient("127.0.0.1", port) as client:
        client.socket.settimeout(20)
        for message in messages:
            answer = client.send_message(message.encode("latin-1"))
            whole = answer.startswith(b"\x0b") and answer.endswith(b"\x1c\r")
            read = hl7.parse(answer.strip(b"\x0b\x1c\r").decode("latin-1"))
            msa = read.segment("MSA")
            tell(
                whole=whole,
                kind=str(read.segment("MSH")[9]),
                code=str(msa[1]),
                answers=str(msa[2]),
                text=str(msa[3]) if len(msa) > 3 else "",
            )


async def take(say, port=0, encoding="utf-8"):
    """Answers every message with this code until its own input ends. With "ask" each line of its
    input is the code for the next message: "close" closes the line in place of an answer, and
    "silent" gives none."""
    loop, ended, lines = asyncio.get_running_loop(), asyncio.Event(), asyncio.Queue()

    def listen():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(ended.set)

    async def line(reader, writer):
        try:
            while True:
                message = await reader.readmessage()
                msh = message.segment("MSH")
                names = [str(segment[0]) for segment in message]
                fields = {}
                for segment in message:
                    texts = [message.unescape(str(field)) for field in segment]
                    fields.setdefault(str(segment[0]), texts)
                tell(
                    kind=str(msh[9]),
                    control_id=str(msh[10]),
                    segments=names,
                    fields=fields,
                    text=str(message),
                )
                code = await lines.get() if say == "ask" else say
                if code == "silent":
                    continue
                if code == "close":
                    writer.close()
                    return
                writer.writemessage(message.create_ack(ack_code=code))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await hl7.mllp.start_hl7_server(line, "127.0.0.1", port, encoding=encoding)
    tell(port=server.sockets[0].getsockname()[1])
    listening = asyncio.to_thread(listen)
    task = asyncio.create_task(listening)
    await ended.wait()
    await task
    server.close()


def check(messages):
    """Whether hl7apy knows every segment, field and component where it stands."""
    from hl7apy.consts import VALIDATION_LEVEL
    from hl7apy.parser import parse_message

    for message in messages:
        text = message.encode("latin-1").decode("utf-8")
        try:
            # Of a choice of segments it demands each, so an ORM is checked segment by segment,
            # as is what does not name its structure.
            kind = text.split("|")[8].split("^")
            whole = kind[0] != "ORM" and len(kind) == 3
            read = parse_message(text, VALIDATION_LEVEL.TOLERANT, find_groups=whole)
            for part in [read] if whole else read.children:
                # Nobody but the two sides knows a Z segment.
                if not part.name.startswith("Z"):
                    part.validate()
            tell(valid=True, name=read.name or "", said="")
        except Exception as error:
            tell(valid=False, name="", said=f"{type(error).__name__}: {error}")


def main():
    settings = json.loads(sys.argv[1])
    match settings["do"]:
        case "send":
            send(settings["port"], settings["messages"])
        case "take":
            port, encoding = settings.get("port", 0), settings.get("encoding", "utf-8")
            asyncio.run(take(settings["say"], port, encoding))
        case "check":
            check(settings["messages"])


main()
