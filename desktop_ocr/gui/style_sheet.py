"""The style sheet: what a palette cannot say. `$name` stands for a colour of `theme.Colours`."""

from __future__ import annotations

STYLE_SHEET = """
QToolTip { background: $raised; color: $text; border: 1px solid $strong_border; padding: 4px 6px; }

QMenuBar { background: $window; padding: 2px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; color: $text; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $pressed; }
QMenu { background: $raised; border: 1px solid $strong_border; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 10px; border-radius: 5px; color: $text; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $muted; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { left: 7px; }
QMenu::icon:checked { background: $pressed; border-radius: 4px; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }

QToolBar { background: $window; border: none; border-bottom: 1px solid $border; padding: 5px 8px; spacing: 3px; }
QToolBar::separator { width: 1px; background: $border; margin: 5px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 5px 8px; color: $text; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $strong_border; }
QToolButton#primary { background: $accent; color: $on_accent; font-weight: 600; padding: 5px 14px; }
QToolButton#primary:hover { background: $accent_hover; }
QToolButton#primary:focus { border-color: $text; }
QToolButton#primary:disabled { background: $track; color: $muted; }

QPushButton {
    background: $raised; color: $text; border: 1px solid $strong_border; border-radius: 6px;
    padding: 6px 14px; min-height: 18px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; background: $window; border-color: $border; }
QPushButton:default, QPushButton#primary { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton#primary { font-weight: 600; }
QPushButton:default:hover, QPushButton#primary:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton:default:focus, QPushButton#primary:focus { border-color: $text; }
QPushButton:default:disabled, QPushButton#primary:disabled {
    background: $track; color: $muted; border-color: $track;
}

QLineEdit, QSpinBox, QComboBox {
    background: $base; color: $text; border: 1px solid $strong_border; border-radius: 6px; padding: 4px 7px;
    min-height: 18px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { border-color: $accent; }
QSpinBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QSpinBox#page { padding: 2px 0; }
QSpinBox::up-button, QSpinBox::down-button {
    subcontrol-origin: border; width: 0; height: 0; border: none;
}
QComboBox { padding-right: 26px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { width: 0; height: 0; image: none; }
QComboBox:disabled { background: $window; color: $muted; }
QComboBox QAbstractItemView {
    background: $raised; color: $text; border: 1px solid $strong_border; outline: none; padding: 4px;
    selection-background-color: $hover; selection-color: $text;
}
QCheckBox, QRadioButton { spacing: 8px; padding: 2px 0; color: $text; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $muted; background: $base;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 6px; height: 6px; background: $on_accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $track; background: $window; }
QCheckBox::indicator:checked:disabled { border-color: $strong_border; background: $strong_border; }
QCheckBox:focus, QRadioButton:focus { text-decoration: underline; }

QToolButton::menu-indicator { image: none; width: 0; }
QToolButton#more { font-weight: 600; padding: 5px 10px 5px 0; }
QToolButton#more:checked { background: transparent; }
QToolButton#more:hover { background: $hover; }
QToolButton#small { border: 1px solid $strong_border; background: $raised; padding: 2px 8px; }
QToolButton#small:hover { background: $hover; }
QToolButton#small:disabled { background: $window; border-color: $border; color: $muted; }
QWidget#model-row { border: 1px solid transparent; border-bottom-color: $border; }
QWidget#model-row:focus { border-color: $accent; border-radius: 5px; }

QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QScrollArea#panel { background: $base; border: none; }
QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
QStatusBar { background: $window; border-top: 1px solid $border; color: $muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 1px 4px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $strong_border; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QProgressBar { background: $track; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QTreeView#models { background: $base; border: 1px solid $border; border-radius: 8px; outline: 0; padding: 2px; }
QTreeView#models:focus { border-color: $accent; }
QTreeView#models::item { height: 28px; color: $text; border: none; }
QTreeView#models::item:hover { background: $window; }
QTreeView#models::item:selected { background: $selected; color: $text; }
QTreeView#models::indicator {
    width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $base;
}
QTreeView#models::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QTreeView#models QHeaderView::section, QTableView#cells QHeaderView::section {
    background: $base; color: $muted; border: none; border-bottom: 1px solid $border; padding: 5px 6px;
}
QTableView#cells { background: $base; border: 1px solid $border; border-radius: 8px; gridline-color: $border; }
QTableView#cells { outline: 0; }
QTableView#cells::item { border: none; padding: 2px 6px; color: $text; }
QTableView#cells::item:selected, QTableView#cells::item:focus { background: $selected; color: $text; }
QTableView#cells QHeaderView { background: $base; }
QTableView#cells QTableCornerButton::section { background: $base; border: none; border-bottom: 1px solid $border; }
QScrollArea#boxed { background: $base; border: 1px solid $border; border-radius: 8px; }
QScrollArea#boxed > QWidget > QWidget { background: transparent; }
QLabel#page-title { font-size: 18px; font-weight: 600; color: $text; }

QListView#strip { background: $window; border: none; border-right: 1px solid $border; outline: none; }
QWidget#legend { background: $window; border-top: 1px solid $border; }
QListView#compared { background: $base; border: 1px solid $border; border-radius: 8px; outline: none; padding: 3px; }
QListView#compared:focus { border-color: $accent; }
QListView#queue { background: $base; border: none; outline: none; }
QTextBrowser#result { background: $base; border: 1px solid $base; selection-background-color: $accent;
    selection-color: $on_accent; }
QToolButton#choice { padding: 5px 5px; }
QFrame#find-bar { background: $window; border: none; border-bottom: 1px solid $border; }
QFrame#find-bar QToolButton { padding: 4px 5px; }
QFrame#find-bar QPushButton { padding: 3px 9px; }
QToolButton#with-menu { padding-right: 17px; }
QToolButton#with-menu::menu-button { border: none; width: 15px; background: transparent; }
QPlainTextEdit#lines { background: $base; color: $text; border: 1px solid $base; selection-background-color: $accent;
    selection-color: $on_accent; }
QPlainTextEdit#lines:focus { border-color: $accent; }
QPlainTextEdit#cell-field { background: $base; color: $text; border: 2px solid $accent;
    selection-background-color: $accent; selection-color: $on_accent; }
QGraphicsView#picture { background: $canvas; border: 1px solid $canvas; }
QTextBrowser#result:focus, QGraphicsView#picture:focus { border-color: $accent; }
QWidget#pane-bar { background: $window; border-bottom: 1px solid $border; }
QWidget#pane { background: $base; }
QWidget#canvas { background: $canvas; }
QLabel#heading { font-weight: 600; color: $text; }
QLabel#title { font-size: 22px; font-weight: 600; color: $text; }
QLabel#muted { color: $muted; }
QLabel#wrong { color: $danger; }

QFrame#message { border: none; border-bottom: 1px solid $border; }
QFrame#message[tone="info"] { background: $info_back; }
QFrame#message[tone="good"] { background: $good_back; }
QFrame#message[tone="warning"] { background: $warning_back; }
QFrame#message[tone="danger"] { background: $danger_back; }
QFrame#message QLabel { color: $text; }
QFrame#message QPushButton { padding: 4px 12px; }
QFrame#card { background: $raised; border: 1px solid $border; border-radius: 8px; }
QFrame#format { background: $base; border: 1px solid $border; border-radius: 8px; }
QFrame#format:hover { border-color: $strong_border; }
QFrame#popup { background: $window; border: 1px solid $strong_border; }
QFrame#hairline { background: $border; border: none; }
QPushButton#link {
    background: transparent; border: none; color: $accent; padding: 1px 0; min-height: 0; text-align: left;
}
QPushButton#link:hover { text-decoration: underline; }
QPushButton#link:focus { border: 1px solid $accent; border-radius: 4px; padding: 0; }
QFrame#drop { background: $base; border: 2px dashed $strong_border; border-radius: 16px; }
"""
