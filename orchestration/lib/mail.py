"""Sends one email, in a process of its own: a mail server can answer for ever, one byte or one line at a time."""

import json
import smtplib
import ssl
import sys
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from orchestration.lib import child

# For the whole conversation, and for each answer in it.
SECONDS = 60
ANSWER_SECONDS = 30
MEMORY = 256 << 20


def send(server: SplitResult, sender: str, recipients: tuple[str, ...], subject: str, text: str) -> str:
    """Why the mail was not accepted, without the server's text; empty if it was."""
    task = {"server": server.geturl(), "sender": sender, "recipients": recipients, "subject": subject, "text": text}
    try:
        return child.run(__name__, seconds=SECONDS, memory=MEMORY, task=json.dumps(task).encode()).decode()
    except child.ChildError as failure:
        return str(failure)


def main() -> None:
    """Reads the task, and prints the kind of a failure."""
    task = json.load(sys.stdin)
    server = urlsplit(task["server"])
    message = EmailMessage()
    message["Subject"], message["From"] = task["subject"], task["sender"]
    message["To"] = ", ".join(task["recipients"])
    message.set_content(task["text"])
    try:
        with _connection(server) as connection:
            # A password is never sent in clear text.
            if server.scheme == "smtp" and (connection.has_extn("starttls") or server.username):
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as failure:
        print(type(failure).__name__, end="")


def _connection(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or 465, timeout=ANSWER_SECONDS, context=context)
    connection = smtplib.SMTP(host, port or 25, timeout=ANSWER_SECONDS)
    connection.ehlo()
    return connection


if __name__ == "__main__":
    main()
