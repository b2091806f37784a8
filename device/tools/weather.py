"""The weather, from Open-Meteo (https://open-meteo.com), which wants no key. The city's name leaves the device.

All that comes from there is untrusted: only numbers within reason and short names are taken from it. The environment
variables OPEN_METEO_GEOCODING_URL and OPEN_METEO_FORECAST_URL name another server, such as one's own.
"""

import os
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from device.toolkit import ToolContext, ToolError, tool
from device.tools.web import fetch

GEOCODING_URL = "https://geocoding-api.open-meteo.com/v1/search"
FORECAST_URL = "https://api.open-meteo.com/v1/forecast"
CITY_CHARACTERS = 80

Celsius = Annotated[float, Meta(ge=-120, le=80)]
Code = Annotated[int, Meta(ge=0, le=99)]
Name = Annotated[str, Meta(max_length=100)]
Days = Annotated[list[Celsius], Meta(min_length=2, max_length=2)]


class Place(Struct):
    """A place of that name, the most important first."""

    name: Name
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    country: Name = ""


class Places(Struct):
    """What the geocoder found; nothing at all if there is no such place."""

    results: list[Place] = []


class Current(Struct):
    """The weather now."""

    temperature_2m: Celsius
    weather_code: Code


class Daily(Struct):
    """Today and tomorrow."""

    temperature_2m_min: Days
    temperature_2m_max: Days
    weather_code: Annotated[list[Code], Meta(min_length=2, max_length=2)]


class Forecast(Struct):
    """What the service says of a place."""

    current: Current
    daily: Daily


_SKIES = {
    "clear sky": (0,),
    "mostly clear sky": (1,),
    "some clouds": (2,),
    "an overcast sky": (3,),
    "fog": (45, 48),
    "drizzle": (51, 53, 55),
    "freezing drizzle": (56, 57),
    "light rain": (61, 80),
    "rain": (63, 81),
    "heavy rain": (65, 82),
    "freezing rain": (66, 67),
    "light snow": (71, 77, 85),
    "snow": (73,),
    "heavy snow": (75, 86),
    "thunderstorms": (95,),
    "thunderstorms with hail": (96, 99),
}
_SKY_OF = {code: sky for sky, codes in _SKIES.items() for code in codes}
"""The codes of the World Meteorological Organization (table 4677), as far as the service uses them."""


@tool(network=True, timeout_seconds=20)
async def weather(context: ToolContext, city: str) -> str:
    """Get the weather in a city, now, today and tomorrow, from the internet.

    Args:
        city: the city

    """
    del context
    name = " ".join(city.split())[:CITY_CHARACTERS]
    if not name:
        raise ToolError("Ask the user for the city.")
    place = await _find(name)
    return _told(place, await _forecast(place))


async def _find(city: str) -> Place:
    url = os.environ.get("OPEN_METEO_GEOCODING_URL", GEOCODING_URL)
    body = await fetch(url, {"name": city, "count": "1", "language": "en", "format": "json"})
    places = _decoded(body, Places).results
    if not places:
        raise ToolError(f"There is no city called {city}; ask the user for another.")
    return places[0]


async def _forecast(place: Place) -> Forecast:
    query = {
        "latitude": f"{place.latitude:.4f}",
        "longitude": f"{place.longitude:.4f}",
        "current": "temperature_2m,weather_code",
        "daily": "temperature_2m_min,temperature_2m_max,weather_code",
        "timezone": "auto",
        "forecast_days": "2",
    }
    return _decoded(await fetch(os.environ.get("OPEN_METEO_FORECAST_URL", FORECAST_URL), query), Forecast)


_Shape = TypeVar("_Shape", Places, Forecast)


def _decoded(body: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ToolError("The weather service answers something else than the weather.") from error


def _told(place: Place, forecast: Forecast) -> str:
    now, days = forecast.current, forecast.daily
    where = f"{place.name}, {place.country}" if place.country else place.name
    today, tomorrow = (
        f"{round(low)} to {round(high)} degrees"
        for low, high in zip(days.temperature_2m_min, days.temperature_2m_max, strict=True)
    )
    return (
        f"In {where}: {round(now.temperature_2m)} degrees Celsius and {_sky(now.weather_code)} now; "
        f"today {_sky(days.weather_code[0])}, {today}; tomorrow {_sky(days.weather_code[1])}, {tomorrow}."
    )


def _sky(code: int) -> str:
    return _SKY_OF.get(code, "changing weather")
