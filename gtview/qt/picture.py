"""Pictures of a widget for a paper or a talk: vectors on white, without chrome."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QMarginsF, QPoint, QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import (
    QImage,
    QPageSize,
    QPaintEngine,
    QPainter,
    QPdfWriter,
    QPicture,
    QRegion,
)
from PyQt6.QtWidgets import QAbstractScrollArea, QApplication, QGraphicsView, QWidget

from ..base.errors import GtviewError
from ..base.files import written_whole

FORMATS = ("png", "svg", "pdf")
# Pixels of an image per pixel of the screen: 300 dots an inch instead of 96.
PIXEL_RATIO = 3.0
_DPI = 96
_MM_PER_INCH = 25.4
_VECTOR_ENGINES = (
    QPaintEngine.Type.SVG,
    QPaintEngine.Type.Pdf,
    QPaintEngine.Type.Picture,
)


def is_vector(painter: QPainter) -> bool:
    """Whether lines stay lines on what is painted on."""
    engine = painter.paintEngine()
    return engine is not None and engine.type() in _VECTOR_ENGINES


def paint_widget(painter: QPainter, widget: QWidget) -> None:
    """Paint a widget with what is in it; (0, 0) is its top left corner.

    A widget that paints itself from a buffer may have a method `paint_picture(painter, size)`,
    and one with bars around its content `picture_size()`.
    """
    own: Callable[[QPainter, QSize], None] | None = getattr(widget, "paint_picture", None)
    painter.save()
    if own is not None:
        own(painter, widget.size())
    elif isinstance(widget, QGraphicsView):
        widget.render(painter, QRectF(widget.rect()), widget.rect())
    elif isinstance(widget, QAbstractScrollArea) or not _visible_children(widget):
        flags = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
        widget.render(painter, QPoint(), QRegion(), flags)
    else:
        _paint_children(painter, widget)
    painter.restore()


def _size_of(widget: QWidget) -> QSize:
    own: Callable[[], QSize] | None = getattr(widget, "picture_size", None)
    return widget.size() if own is None else own()


def _visible_children(widget: QWidget) -> list[QWidget]:
    kind = Qt.FindChildOption.FindDirectChildrenOnly
    return [child for child in widget.findChildren(QWidget, options=kind) if child.isVisible()]


def _paint_children(painter: QPainter, widget: QWidget) -> None:
    for child in _visible_children(widget):
        painter.save()
        painter.translate(child.pos().x(), child.pos().y())
        painter.setClipRect(child.rect(), Qt.ClipOperation.IntersectClip)
        paint_widget(painter, child)
        painter.restore()


def record(widget: QWidget) -> Picture:
    """Keep what a widget shows, to be written in any format."""
    size = _size_of(widget)
    recorded = QPicture()
    with QPainter(recorded) as painter:
        painter.setFont(QApplication.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(0, 0, size.width(), size.height()))
        paint_widget(painter, widget)
    return Picture(recorded, size)


class Picture:
    """A painting that can be written in any format, in the size that it had on the screen."""

    def __init__(self, recorded: QPicture, size: QSize) -> None:
        self._recorded = recorded
        self.size = size

    def image(self, ratio: float = PIXEL_RATIO) -> QImage:
        """Return it as an image on white."""
        image = QImage(self.size * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        dots_per_m = round(_DPI * ratio / _MM_PER_INCH * 1000)
        with QPainter(image) as painter:
            self._play(painter)
        # Programs that set text read the size on paper from it.
        image.setDotsPerMeterX(dots_per_m)
        image.setDotsPerMeterY(dots_per_m)
        return image

    def save(self, path: Path) -> None:
        """Write a PNG, SVG or PDF file, by its ending.

        Raises
        ------
        GtviewError
            The ending is none of these, or the file cannot be written.
        """
        write = {"png": self._save_png, "svg": self._save_svg, "pdf": self._save_pdf}
        kind = path.suffix.lower().lstrip(".")
        if kind not in write:
            raise GtviewError(f"a picture is a .png, .svg or .pdf file, and {path.name} is none")
        try:
            with written_whole(path) as partial:
                write[kind](partial)
        except OSError as error:
            raise GtviewError(f"{path} cannot be written: {error.strerror}") from error

    def copy(self) -> None:
        """Put it on the clipboard as an image."""
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            image = self.image()
            image.setDevicePixelRatio(1.0)
            clipboard.setImage(image)

    def _save_png(self, path: Path) -> None:
        if not self.image().save(str(path), "PNG"):
            raise OSError(0, "the image could not be stored")

    def _save_svg(self, path: Path) -> None:
        from PyQt6.QtSvg import QSvgGenerator

        writer = QSvgGenerator()
        writer.setFileName(str(path))
        writer.setSize(self.size)
        writer.setViewBox(QRectF(0, 0, self.size.width(), self.size.height()))
        writer.setResolution(_DPI)
        with QPainter(writer) as painter:
            self._play(painter)

    def _save_pdf(self, path: Path) -> None:
        writer = QPdfWriter(str(path))
        writer.setResolution(_DPI)
        size = QSizeF(self.size) * (_MM_PER_INCH / _DPI)
        match = QPageSize.SizeMatchPolicy.ExactMatch
        writer.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", match))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        with QPainter(writer) as painter:
            self._play(painter)

    def _play(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(QRectF(0, 0, self.size.width(), self.size.height()), Qt.GlobalColor.white)
        painter.drawPicture(0, 0, self._recorded)
