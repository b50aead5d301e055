"""Pictures in files: vectors, white, readable again, and errors in words."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QLabel, QTableView, QVBoxLayout, QWidget

from gtview.base.errors import GtviewError
from gtview.qt.picture import PIXEL_RATIO, is_vector, record


class Drawing(QWidget):
    """Paints a red bar and a word."""

    was_vector = False

    def paint_picture(self, painter, size):
        self.was_vector = is_vector(painter)
        painter.fillRect(QRect(10, 10, 50, 20), QColor("#ff0000"))
        painter.drawText(10, 60, "depth 100 um")

    def paintEvent(self, event):
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor("#000000"))


@pytest.fixture
def drawing(qtbot):
    widget = Drawing()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show()
    return widget


def rendered(path, size):
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    with QPainter(image) as painter:
        renderer.render(painter)
    return image


def test_that_svg_holds_vectors_and_text_on_white(drawing, tmp_path):
    record(drawing).save(tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert drawing.was_vector
    assert "<image" not in text
    assert "depth 100 um" in text
    image = rendered(tmp_path / "a.svg", drawing.size())
    assert image.pixelColor(150, 80).name() == "#ffffff"
    assert image.pixelColor(30, 20).name() == "#ff0000"


def test_that_png_is_sharp_and_has_the_size_of_the_screen(drawing, tmp_path):
    record(drawing).save(tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert image.size() == QSize(200, 100) * PIXEL_RATIO
    assert image.pixelColor(round(30 * PIXEL_RATIO), round(20 * PIXEL_RATIO)).name() == "#ff0000"
    assert image.pixelColor(0, 0).name() == "#ffffff"
    assert image.dotsPerMeterX() == pytest.approx(96 * PIXEL_RATIO / 0.0254, rel=0.01)


def test_that_pdf_is_one_page_of_that_size(drawing, tmp_path):
    record(drawing).save(tmp_path / "a.pdf")
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") == 1
    box = data.split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert [float(x) for x in box] == pytest.approx([0, 0, 150, 75], abs=1.1)


def test_that_children_are_painted_at_their_places(qtbot, tmp_path):
    box = QWidget()
    qtbot.addWidget(box)
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    label, drawing = QLabel("above"), Drawing()
    label.setFixedHeight(40)
    layout.addWidget(label)
    layout.addWidget(drawing)
    box.resize(200, 140)
    box.show()
    picture = record(box)
    assert drawing.was_vector
    image = picture.image(1.0)
    assert image.pixelColor(30, 60).name() == "#ff0000"
    picture.save(tmp_path / "a.svg")
    assert "above" in (tmp_path / "a.svg").read_text()


def test_that_a_widget_of_qt_is_painted(qtbot):
    table = QTableView()
    qtbot.addWidget(table)
    table.resize(120, 80)
    table.show()
    assert record(table).image().size() == QSize(120, 80) * PIXEL_RATIO


def test_that_another_ending_is_refused_in_words(drawing, tmp_path):
    with pytest.raises(GtviewError, match=r"\.png, \.svg or \.pdf"):
        record(drawing).save(tmp_path / "a.bmp")


def test_that_a_folder_that_cannot_be_written_is_told_and_nothing_is_left(drawing, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GtviewError, match="cannot be written"):
        record(drawing).save(tmp_path / "file" / "a.svg")


def test_that_a_file_is_replaced_whole(drawing, tmp_path):
    (tmp_path / "a.png").write_text("older")
    record(drawing).save(tmp_path / "a.png")
    assert not QImage(str(tmp_path / "a.png")).isNull()
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
