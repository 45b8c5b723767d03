"""`mutirao admin`: looking after the web application."""

from pathlib import Path
from typing import Annotated

import typer

from mutirao.cli.console import say
from mutirao.site.backup import back_up
from mutirao.site.manage import manage

TAKES_ALL = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

app = typer.Typer(
    add_completion=False,
    help="Look after the web application: accounts, database, backup.",
    epilog="Examples: mutirao admin createsuperuser; mutirao admin backup out/backup.tar",
    no_args_is_help=True,
)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, such as backup.tar.")],
) -> None:
    """Write database and kept files into one archive, while the application goes on."""
    told = back_up(file)
    say(f"Written: {file}. {told}".strip())


def _passed_on(name: str) -> None:
    @app.command(name, context_settings=TAKES_ALL, help=COMMANDS[name])
    def command(context: typer.Context) -> None:
        manage([name, *context.args])


#: Django's commands that whoever looks after a site needs, each with what it does.
COMMANDS = {
    "createsuperuser": "Open an account that may see and do everything.",
    "changepassword": "Give an account a new password.",
    "migrate": "Bring the database up to date; `mutirao serve` does it, too.",
    "showmigrations": "List the changes of the database and which of them were made.",
    "check": "Check the settings; with --deploy, those of a public site.",
    "clearsessions": "Remove sessions that have ended.",
    "dbshell": "Open the database's own command line.",
}
for _name in COMMANDS:
    _passed_on(_name)
