"""`python -m stack.psql`: runs psql on the configured database."""

import os
from urllib.parse import unquote, urlsplit

from runtime.settings import Settings
from stack.environment import stack_environment
from stack.programs import postgres_program


def main() -> None:
    """Replace this process by psql; the password is passed in the environment, which other users cannot read."""
    settings = Settings()
    program = postgres_program("psql")
    env = (
        stack_environment(os.environ)
        | connection(settings)
        | {"PGOPTIONS": f"-c search_path={settings.database_schema}"}
    )
    os.execve(program, [program], env)  # noqa: S606 - without a shell


def connection(settings: Settings) -> dict[str, str]:
    """Return the environment variables with which Postgres programs connect to the database."""
    url = urlsplit(settings.database_url)
    found = {
        "PGHOST": url.hostname,
        "PGPORT": url.port and str(url.port),
        "PGUSER": url.username and unquote(url.username),
        "PGPASSWORD": url.password and unquote(url.password),
        "PGDATABASE": unquote(url.path.removeprefix("/")),
    }
    return {name: value for name, value in found.items() if value}


if __name__ == "__main__":
    main()
