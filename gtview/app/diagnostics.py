"""What was noticed while reading, in words."""

from __future__ import annotations

from collections.abc import Iterable

from ..data.diagnostics import Diagnostic


def describe_diagnostics(items: Iterable[Diagnostic]) -> tuple[str, str]:
    """Return a few words for the status bar ("2 warnings") and the worst level, or two ""."""
    levels = [item.level for item in items]
    for level in ("error", "warning"):
        n = levels.count(level)  # type: ignore[arg-type]
        if n:
            name = "problem" if level == "error" else "warning"
            return f"{n} {name}{'s' if n > 1 else ''}", level
    return "", ""


def list_diagnostics(items: Iterable[Diagnostic]) -> str:
    """Return all of them as text, the worst first."""
    order = {"error": 0, "warning": 1, "info": 2}
    lines = []
    for item in sorted(items, key=lambda item: order[item.level]):
        where = f"{item.file}: " if item.file else ""
        lines.append(f"{item.level.upper():8}{where}{item.message}")
        if item.meaning:
            lines.append(f"{'':8}{item.meaning}")
    return "\n".join(lines)
