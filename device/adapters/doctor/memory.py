"""Memory: what is left of it, and whether something was put out to the disk or ended for the lack of it."""

from device.adapters.doctor.patient import Patient
from device.core.findings import Finding, failed, not_here, not_known, warning, well

LEAST_MB, FEW_MB = 80, 200
SMALLER = "End other programs, or use a smaller set of models (device models suggest)."
MUCH_SWAPPED = 0.5
"""Of the swap space."""


def memory(patient: Patient) -> Finding:
    """Whether there is memory to spare."""
    megabytes = _megabytes(patient)
    if "MemAvailable" not in megabytes:
        return not_known("This computer does not tell its memory.")
    free, total = megabytes["MemAvailable"], megabytes["MemTotal"]
    says = f"{free:.0f} of {total:.0f} MB of memory are free."
    if free < LEAST_MB:
        return failed(says, SMALLER)
    return warning(says, SMALLER) if free < FEW_MB else well(says)


def swap(patient: Patient) -> Finding:
    """Whether memory was put out to the disk: what the agent needs back from there comes late, and cards wear."""
    megabytes = _megabytes(patient)
    total = megabytes.get("SwapTotal", 0.0)
    if not total:
        return not_here("There is no swap space.")
    used = total - megabytes.get("SwapFree", 0.0)
    says = f"{used:.0f} of {total:.0f} MB of swap space are used."
    return warning(says, SMALLER) if used > MUCH_SWAPPED * total else well(says)


def ended(patient: Patient) -> Finding:
    """Whether the kernel ended programs because memory ran out."""
    counts = dict(line.split() for line in patient.text("proc/vmstat").splitlines() if len(line.split()) == 2)
    if "oom_kill" not in counts:
        return not_known("The kernel does not count what it ended for lack of memory.")
    if count := int(counts["oom_kill"]):
        return warning(f"Memory ran out {count} times since the start, and the kernel ended programs.", SMALLER)
    return well("Memory has not run out since the start.")


def _megabytes(patient: Patient) -> dict[str, float]:
    lines = (line.partition(":") for line in patient.text("proc/meminfo").splitlines())
    return {name: float(rest.removesuffix("kB")) / 1024 for name, _, rest in lines if rest.strip().endswith("kB")}
