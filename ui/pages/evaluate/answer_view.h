// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/text_difference.h"

#include <QColor>
#include <QString>
#include <QTextEdit>

#include <optional>
#include <string>
#include <vector>

namespace pissarro::ui {

// A text that a model wrote: words that it alone has are tinted, what the scorer read is framed.
class AnswerView : public QTextEdit {
    Q_OBJECT

public:
    AnswerView(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    struct Marks {
        std::vector<core::TextPart> tinted; // bytes of the text
        QColor tint; // the model's colour
        std::optional<core::TextPart> framed;

        friend bool operator==(const Marks&, const Marks&) = default;
    };
    void showText(const std::string& text, const Marks& marks);
    // Turns of a conversation, each behind what it answers.
    void showTurns(const std::vector<std::string>& asked, const std::vector<std::string>& said);

    const Marks& marks() const { return m_marks; }
    QRectF frame() const; // px in the viewport, of its first line; empty: nothing is framed

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int placeOf(std::size_t byte) const; // in the document
    std::vector<QRectF> frames() const; // a line each

    std::string m_text; // as it is shown
    std::vector<std::string> m_turns; // the same of a conversation
    QColor m_ink; // that what was asked is written in
    Marks m_marks;
};

} // namespace pissarro::ui
