"""The configuration of the agent that is meant: of the installed service where there is one, else of the user's own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from device.app.models import check_models
from device.app.system import SERVICE_UNIT, service_environment
from device.app.tools import enabled_tools, external_options
from device.config import Config, Loaded, load, user_file


def service_meant(file: Path | None) -> Mapping[str, str] | None:
    """The variables of the installed service, if it is that which is meant; None for an agent of the user's own."""
    return service_environment() if SERVICE_UNIT.exists() and file is None else None


def in_force(file: Path | None, overrides: Sequence[str], service: Mapping[str, str] | None) -> Loaded:
    """The configuration of a service with these variables, which no user's file changes, or of the user's own agent.

    Raises ConfigError.
    """
    hidden: dict[Path, Path | None] = {} if service is None else {user_file(): None}
    return load(file, overrides=overrides, environment=service, instead=hidden)


def check_configuration(config: Config) -> None:
    """What `load` cannot know: whether its tools, models and what its tool servers need exist.

    Raises ConfigError, ModelError.
    """
    enabled_tools(config, tuple(config.board.outputs))
    if servers := external_options(config).mcp:
        from device.adapters.tools_mcp import check_package

        check_package(servers)
    check_models(config)
