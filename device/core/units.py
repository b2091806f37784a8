"""Units of measurement by their spoken names, plurals and abbreviations, and conversion between those of a kind."""

import re
from dataclasses import dataclass

ABSOLUTE_ZERO_CELSIUS = -273.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit: `amount * factor + offset` is the same in its kind's base unit."""

    kind: str
    singular: str
    plural: str
    factor: float
    offset: float = 0.0

    def named(self, amount: str) -> str:
        """An amount of it: "1 foot", "3.5 feet"."""
        return f"{amount} {self.singular if amount == '1' else self.plural}"


_TABLE = """
length
    1           meter       metre m
    1000        kilometer   kilometre km klick
    0.01        centimeter  centimetre cm
    0.001       millimeter  millimetre mm
    0.0254      inch|inches in "
    0.3048      foot|feet   ft '
    0.9144      yard        yd
    1609.344    mile        mi
    1852        nautical_mile nmi
weight
    1           kilogram    kilo kg kilogramme
    0.001       gram        g gramme gm
    0.000001    milligram   mg
    1000        tonne       metric_ton t
    907.18474   ton         short_ton
    0.45359237  pound       lb
    0.028349523125 ounce    oz
    6.35029318  stone|stone st
volume
    1           liter       litre l
    0.001       milliliter  millilitre ml cubic_centimeter cc
    0.01        centiliter  centilitre cl
    0.1         deciliter   decilitre dl
    1000        cubic_meter cubic_metre m3
    0.2365882365 cup
    0.01478676478125 tablespoon tbsp tbs
    0.00492892159375 teaspoon tsp
    0.0295735295625 fluid_ounce fl_oz floz
    0.473176473 pint        pt
    0.946352946 quart       qt
    3.785411784 gallon      gal
speed
    1           meter_per_second|meters_per_second metre_per_second m_per_s mps
    0.277777777777777778 kilometer_per_hour|kilometers_per_hour kilometre_per_hour km_per_h kmh kph km_per_hour
    0.44704     mile_per_hour|miles_per_hour mph
    0.514444444444444444 knot kn kt
    0.3048      foot_per_second|feet_per_second ft_per_s
area
    1           square_meter square_metre sqm m2
    1000000     square_kilometer square_kilometre sq_km km2
    0.0001      square_centimeter square_centimetre cm2
    0.00064516  square_inch|square_inches sq_in
    0.09290304  square_foot|square_feet sq_ft sqft ft2
    0.83612736  square_yard sq_yd
    2589988.110336 square_mile sq_mi
    4046.8564224 acre
    10000       hectare     ha
time
    1           second      sec s
    0.001       millisecond ms
    60          minute      min
    3600        hour        hr h
    86400       day         d
    604800      week        wk
    2629746     month
    31556952    year        yr
data
    1           byte
    0.125       bit
    1e3         kilobyte    kb
    1e6         megabyte    mb meg
    1e9         gigabyte    gb gig
    1e12        terabyte    tb
    1024        kibibyte    kib
    1048576     mebibyte    mib
    1073741824  gibibyte    gib
"""
"""Kinds; below each its units: how many of the first one it is, its name, other names. US volumes; a mean month."""

_SYNONYMS = (
    (r"°|\bdeg(?:ree)?s?\b|\.", " "),
    (r"/", " per "),
    (r"\bper an? ", "per "),
    (r"\ban hour\b", "per hour"),
    (r"²", "2"),
    (r"³", "3"),
    (r"[\s_-]+", " "),
)


def _read(table: str) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    kind = ""
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            kind = line
            continue
        factor, names, *others = line.split()
        singular, _, plural = names.replace("_", " ").partition("|")
        unit = Unit(kind=kind, singular=singular, plural=plural or f"{singular}s", factor=float(factor))
        units |= dict.fromkeys([singular, unit.plural, *(other.replace("_", " ") for other in others)], unit)
    return units


def _degrees(name: str, factor: float, offset: float) -> Unit:
    return Unit(kind="temperature", singular=f"degree {name}", plural=f"degrees {name}", factor=factor, offset=offset)


_CELSIUS = _degrees("Celsius", 1.0, 0.0)
_FAHRENHEIT = _degrees("Fahrenheit", 5 / 9, -160 / 9)
_KELVIN = Unit(kind="temperature", singular="kelvin", plural="kelvins", factor=1.0, offset=ABSOLUTE_ZERO_CELSIUS)

_UNITS = _read(_TABLE) | {
    "celsius": _CELSIUS,
    "centigrade": _CELSIUS,
    "c": _CELSIUS,
    "fahrenheit": _FAHRENHEIT,
    "f": _FAHRENHEIT,
    "kelvin": _KELVIN,
    "k": _KELVIN,
}


def find_unit(name: str) -> Unit | None:
    """The unit that somebody calls `name`; None if there is none."""
    said = name.lower()
    for pattern, replacement in _SYNONYMS:
        said = re.sub(pattern, replacement, said)
    said = said.strip()
    endings = ("", "s", "es")
    return next((unit for ending in endings if (unit := _UNITS.get(said.removesuffix(ending))) is not None), None)


def find_pair(from_name: str, to_name: str) -> tuple[Unit | None, Unit | None]:
    """Both units; ounces beside a volume are fluid ones."""
    source, target = find_unit(from_name), find_unit(to_name)
    ounce, fluid = _UNITS["ounce"], _UNITS["fluid ounce"]
    if source is not None and target is not None and "volume" in (source.kind, target.kind):
        return (fluid if source is ounce else source), (fluid if target is ounce else target)
    return source, target


def converted(amount: float, source: Unit, target: Unit) -> float:
    """`amount` of `source` in `target`, which is of the same kind."""
    return (amount * source.factor + source.offset - target.offset) / target.factor
