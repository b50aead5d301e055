"""What is seen when nothing is open: open a folder, recent ones, the demo."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)


class StartPage(QWidget):
    """What one can do, and the datasets of last time."""

    open_asked = pyqtSignal()
    demo_asked = pyqtSignal()
    generate_asked = pyqtSignal()
    path_asked = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card, layout = make_card(self)
        layout.addWidget(_title("gtview"))
        layout.addWidget(quiet("See a spike sorter's output, and how far it is from the truth."))
        layout.addSpacing(10)
        row = QHBoxLayout()
        self.open_button = QPushButton("Open a folder…")
        self.open_button.setDefault(True)
        self.open_button.setToolTip("A Kilosort or phy export, or a generated dataset (Ctrl+O)")
        self.open_button.clicked.connect(self.open_asked)
        self.demo_button = QPushButton("Open the demo")
        self.demo_button.setToolTip("Make, sort and open a small recording with known truth")
        self.demo_button.clicked.connect(self.demo_asked)
        row.addWidget(self.open_button)
        self.generate_button = QPushButton("New recording…")
        self.generate_button.setToolTip("Make a recording with known truth (Ctrl+Shift+N)")
        self.generate_button.clicked.connect(self.generate_asked)
        row.addWidget(self.demo_button)
        row.addWidget(self.generate_button)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(quiet("or drop a folder that holds params.py on this window"))
        layout.addSpacing(10)
        self._recent_title = quiet("Recent")
        layout.addWidget(self._recent_title)
        self.recent = QListWidget()
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.recent.itemActivated.connect(self._on_recent)
        self.recent.itemClicked.connect(self._on_recent)
        layout.addWidget(self.recent, 1)
        card.setMinimumSize(520, 380)

    def show_recent(self, paths: list[str]) -> None:
        """List the datasets of last time, the newest first."""
        self.recent.clear()
        for path in paths:
            item = QListWidgetItem(_short(path))
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(path)
            if not Path(path).exists():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setToolTip(f"{path} is not there now")
            self.recent.addItem(item)
        self.recent.setVisible(bool(paths))
        self._recent_title.setVisible(bool(paths))

    def _on_recent(self, item: QListWidgetItem) -> None:
        self.path_asked.emit(Path(item.data(Qt.ItemDataRole.UserRole)))


class LoadingPage(QWidget):
    """What is being done, how far it is, and a way out."""

    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card, layout = make_card(self)
        self._title = _title("")
        self._title.setWordWrap(True)
        layout.addWidget(self._title)
        self._message = quiet("")
        layout.addWidget(self._message)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        layout.addWidget(self._bar)
        row = QHBoxLayout()
        row.addStretch(1)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancelled)
        row.addWidget(self.cancel_button)
        layout.addLayout(row)
        card.setMinimumWidth(520)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def begin(self, title: str) -> None:
        """Start over for something new."""
        self._title.setText(title)
        self.tell(0.0, "")

    def tell(self, fraction: float, message: str) -> None:
        """Show how far it is."""
        self._bar.setValue(round(1000 * fraction))
        self._message.setText(message or " ")


def make_card(page: QWidget) -> tuple[QFrame, QVBoxLayout]:
    """Put a framed card in the middle of a page; return it with its layout."""
    outer = QHBoxLayout(page)
    column = QVBoxLayout()
    card = QFrame()
    card.setObjectName("startCard")
    card.setMaximumWidth(680)
    layout = QVBoxLayout(card)
    layout.setContentsMargins(28, 24, 28, 24)
    layout.setSpacing(8)
    column.addStretch(1)
    column.addWidget(card, 3)
    column.addStretch(2)
    outer.addStretch(1)
    outer.addLayout(column, 2)
    outer.addStretch(1)
    return card, layout


def quiet(text: str) -> QLabel:
    """Return a line in the quiet colour."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("title", True)
    return label


def _short(path: str) -> str:
    """Return the last parts of a path first, as they tell datasets apart."""
    parts = Path(path).parts
    return f"{'/'.join(parts[-2:])}    {Path(path).parent}"
