"""Lists the sorters that SpikeInterface knows, in a process of its own: importing it is slow."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from ...base.progress import Reporter


def list_sorters(_spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Return `sorters`: fields of `gtview.jobs.sorting.SorterInfo` for each."""
    report(0.0, "loading SpikeInterface")
    from spikeinterface.sorters import sorter_dict

    with warnings.catch_warnings():
        # Some warn that they are not installed: that is what is asked.
        warnings.simplefilter("ignore")
        return {"sorters": [describe_sorter(name, kind) for name, kind in sorter_dict.items()]}


def describe_sorter(name: str, kind: Any) -> dict[str, Any]:
    """Return the fields of `SorterInfo` for one of SpikeInterface's classes."""
    try:
        is_installed = bool(kind.is_installed())
    except Exception:  # noqa: BLE001  (whatever its check stumbles over, it cannot be run)
        is_installed = False
    description = " ".join(str(getattr(kind, "sorter_description", "") or "").split())
    if not is_installed:
        how = how_to_get(name, str(getattr(kind, "installation_mesg", "") or ""))
        return {
            "name": name,
            "is_installed": False,
            "how_to_get": how,
            "description": description,
        }
    parameters, helps = kind.default_params(), kind.params_description()
    return {
        "name": name,
        "is_installed": True,
        "description": description,
        "parameters": _plain(parameters),
        "helps": {key: _text(helps[key]) for key in parameters if key in helps},
    }


def how_to_get(name: str, message: str) -> str:
    """Return one sentence from what SpikeInterface prints about installing a sorter."""
    commands = re.findall(r"(?:pip install|git clone) [^\n`]+", message)
    # The last ones are often for those who work on SpikeInterface itself.
    orders = [order.strip().rstrip(".,;:") for order in commands if "'.[" not in order]
    address = re.search(r"https?://[^\s)>\"']+", message)
    if not orders:
        where = f"; see {address[0].rstrip('.,')}" if address else ""
        return f"{name} is not installed here{where}."
    variable = re.search(r"\b[A-Z0-9_]+_PATH\b", message)
    is_cloned = orders[0].startswith("git clone") and variable is not None
    if variable is not None and is_cloned:
        orders.append(f"set the environment variable {variable[0]} to its folder")
    return f"It is not installed. To get it: {', then '.join(orders)}"


def _text(value: Any) -> str:
    """Return what a parameter means; parameters in a dictionary have a dictionary of texts."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_text(text)}" for key, text in value.items())
    return " ".join(str(value).split())


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON holds them; those that it cannot hold keep their default."""
    plain = {}
    for key, value in parameters.items():
        try:
            plain[key] = json.loads(json.dumps(value, allow_nan=False, default=_listed))
        except (TypeError, ValueError):
            continue
    return plain


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(type(value).__name__)
