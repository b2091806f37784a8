"""Power, throttling and temperature.

Sources: the Raspberry Pi's firmware (the bits of `vcgencmd get_throttled`), else its voltage monitor, else a Jetson's
counts of over-current events; the kernel's thermal zones and their trip points.
"""

from device.adapters.doctor.patient import Patient
from device.adapters.health_linux import LinuxHealth
from device.core.findings import Finding, failed, not_here, not_known, warning, well

_UNDER_VOLTAGE, _LIMITS = 1 << 0, (1 << 1) | (1 << 2) | (1 << 3)
_SINCE_BIT = 16
"""What was at any time since the start stands this many bits higher than what is now."""

HOT_CELSIUS, WARM_CELSIUS = 84.0, 75.0
"""A Raspberry Pi slows down at 85 °C, and begins to at 80."""

SUPPLY = "Use the board's own supply and a short cable (hardware.md), and power USB sound from a hub of its own."
COOLING = "Give it air or a fan (hardware.md), or a smaller set of models (device models suggest)."


def power(patient: Patient) -> Finding:
    """Whether the board gets the voltage that it needs."""
    health = LinuxHealth(patient.state_directory, root=patient.root)
    bits = health.firmware_bits()
    if bits is not None:
        if bits & _UNDER_VOLTAGE:
            return failed("The supply gives too little voltage at this moment.", SUPPLY)
        if bits >> _SINCE_BIT & _UNDER_VOLTAGE:
            return warning("The supply gave too little voltage at times since the start.", SUPPLY)
        return well("The supply has given enough voltage since the start.")
    alarm, events = health.voltage_alarm(), health.over_current_events()
    if alarm is None and events is None:
        return not_here("This board does not measure its supply.")
    if alarm:
        return failed("The supply gives too little voltage at this moment.", SUPPLY)
    if events:
        return warning(f"The board asked for more current than it gets {events:.0f} times since the start.", SUPPLY)
    return well("The supply has given what the board asked for.")


def throttling(patient: Patient) -> Finding:
    """Whether the processor had to slow down."""
    bits = LinuxHealth(patient.state_directory, root=patient.root).firmware_bits()
    if bits is None:
        return not_here("This board does not tell whether it was slowed down.")
    if bits & _LIMITS:
        return failed("The processor is slowed down at this moment: too hot, or too little power.", COOLING)
    if bits >> _SINCE_BIT & _LIMITS:
        return warning("The processor was slowed down at times since the start.", COOLING)
    return well("The processor was not slowed down since the start.")


def temperature(patient: Patient) -> Finding:
    """How hot the processor is."""
    celsius = LinuxHealth(patient.state_directory, root=patient.root).read().get("temperature_celsius")
    if not isinstance(celsius, float):
        return not_known("This computer tells no temperature.")
    says = f"The processor has {celsius:.0f} °C."
    if celsius >= HOT_CELSIUS:
        return failed(says, COOLING)
    return warning(says, COOLING) if celsius >= WARM_CELSIUS else well(says)
