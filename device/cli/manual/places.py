"""Files and variables of the environment that the commands go by, for the manual."""

FILES = {
    "/etc/device/config.toml": "the service's configuration",
    "~/.config/device/config.toml": "your own configuration; `device config default` shows every option",
    "/run/device/control.sock": "where the service is reached; members of the group device may",
    "~/.local/state/device": "the conversation of an agent that you started yourself; /var/lib/device for the service",
    "~/.cache/device": "models and what is made of them; /opt/device/models for the service",
}

VARIABLES = {
    "DEVICE_SECTION_KEY": "one option of the configuration, such as DEVICE_SPEAKING_SPEED=1.2",
    "DEVICE_MODELS": "where the models are",
    "NO_COLOR": "no colour, also on a terminal",
    "VISUAL, EDITOR": "the editor of `device config edit`",
    "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME, XDG_RUNTIME_DIR": "other places for your own files",
}
