// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <string>
#include <vector>

class QAbstractButton;
class QLineEdit;

namespace pissarro::ui {

// Which linear matrices get adapters: a chip for each type, or a pattern that takes their place.
class ModuleChips : public QWidget {
    Q_OBJECT

public:
    explicit ModuleChips(QWidget* parent = nullptr);

    // As RunSpec::targets: empty means every type. Nothing chosen gives a list with an empty text,
    // which checkSpec() refuses.
    std::vector<std::string> targets() const;
    void setTargets(const std::vector<std::string>& targets); // emits nothing
    // The field for patterns; whoever shows the chips puts it where it belongs.
    QLineEdit* pattern() const { return m_pattern; }
    // A pattern is being typed: it is judged when the typing pauses, told by one more changed().
    bool isTyping() const { return m_pause.isActive(); }

Q_SIGNALS:
    void changed();

private:
    QVector<QAbstractButton*> m_chips; // in the order of kTypes
    QLineEdit* m_pattern;
    QTimer m_pause;
};

} // namespace pissarro::ui
