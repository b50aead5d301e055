"""Icons of one line width, in a colour of the theme."""

from __future__ import annotations

from functools import cache

from PyQt6.QtCore import QByteArray, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap

from ..base.resources import resource

SIZE_PX = 16
_RATIOS = (1, 2, 3)
_INK = b"#000000"


@cache
def tinted_icon(name: str, color: str) -> QIcon:
    """Return the icon `resources/icons/<name>.svg` in a colour, sharp on every screen."""
    from PyQt6.QtSvg import QSvgRenderer

    ink = QColor(color).name().encode()
    data = resource("icons", f"{name}.svg").read_bytes().replace(_INK, ink)
    renderer = QSvgRenderer(QByteArray(data))
    icon = QIcon()
    for ratio in _RATIOS:
        pixmap = QPixmap(SIZE_PX * ratio, SIZE_PX * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            renderer.render(painter)
        pixmap.setDevicePixelRatio(ratio)
        icon.addPixmap(pixmap)
    return icon
