"""What the settings dialog looks like beside the program's style sheet. Its colours come from the palette, so that
they follow the theme by themselves.
"""

from __future__ import annotations

SETTINGS_STYLE = """
QListWidget#sections { background: transparent; border: none; outline: none; }
QListWidget#sections::item {
    padding: 8px 10px; margin: 1px 0; border: 1px solid transparent; border-radius: 6px; color: palette(text);
}
QListWidget#sections::item:hover { background: palette(midlight); }
QListWidget#sections::item:selected { background: palette(midlight); }
QListWidget#sections:focus::item:selected { border-color: palette(highlight); }

QScrollArea, QWidget#sheet { background: transparent; border: none; }
QFrame#line { background: palette(mid); border: none; max-height: 1px; min-height: 1px; }
QLabel#page-title { font-size: 18px; font-weight: 600; color: palette(text); }

QDoubleSpinBox {
    background: palette(base); color: palette(text); border: 1px solid palette(mid); border-radius: 6px;
    padding: 4px 24px 4px 0; min-height: 18px;
    selection-background-color: palette(highlight); selection-color: palette(highlighted-text);
}
QDoubleSpinBox:focus { border-color: palette(highlight); }
QDoubleSpinBox:disabled { background: palette(window); color: palette(placeholder-text); }
QDoubleSpinBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; width: 22px; border: none; background: transparent; margin: 1px;
}
QDoubleSpinBox::up-button { subcontrol-position: top right; height: 12px; border-top-right-radius: 5px; }
QDoubleSpinBox::down-button { subcontrol-position: bottom right; height: 12px; border-bottom-right-radius: 5px; }
QDoubleSpinBox::up-button:hover, QDoubleSpinBox::down-button:hover { background: palette(midlight); }
QDoubleSpinBox::up-arrow, QDoubleSpinBox::down-arrow { width: 0; height: 0; image: none; }

QListWidget#steps {
    background: palette(base); border: 1px solid palette(mid); border-radius: 6px; outline: none; padding: 3px;
}
QListWidget#steps:focus { border-color: palette(highlight); }
QListWidget#steps::item { padding: 4px; border-radius: 4px; color: palette(text); }
QListWidget#steps::item:hover, QListWidget#steps::item:selected { background: palette(midlight); }
QListWidget#steps::indicator {
    width: 14px; height: 14px; border: 1px solid palette(placeholder-text); border-radius: 4px;
    background: palette(base);
}
QListWidget#steps::indicator:checked {
    background: palette(highlight); border-color: palette(highlight);
}
QCheckBox:disabled, QLabel:disabled { color: palette(placeholder-text); }
QToolButton#more { font-weight: 600; padding: 6px 10px 6px 0; }
QToolButton#more:checked { background: transparent; }
QToolButton#more:hover { background: palette(midlight); }
"""
