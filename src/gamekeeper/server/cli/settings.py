"""`gamekeeper settings`."""

from gamekeeper.server.cli.options import AsJson, load_settings
from gamekeeper.server.cli.output import say_json, table


def command(as_json: AsJson = False) -> None:
    """Show every setting: its variable, its value now, and what it means. Secrets are not shown."""
    from gamekeeper.server.settings import Settings, variable

    values = load_settings().model_dump(mode="json")
    rows = [
        {"variable": variable(name), "value": values[name], "meaning": field.description}
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        say_json(rows)
    else:
        table(["variable", "value", "meaning"], rows)
