// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chip_edit.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/edited.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCompleter>
#include <QKeyEvent>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QStringListModel>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 24; // px
constexpr int kGap = 5;
constexpr int kLeastEdit = 64;
constexpr int kDot = 7;
constexpr double kRadius = 6.0;

class ValueChip : public QAbstractButton {
public:
    ValueChip(const QString& text, const QColor& dot, QWidget* parent)
        : QAbstractButton(parent)
        , m_dot(dot)
    {
        setText(text);
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::OpenHandCursor);
    }

    QSize sizeHint() const override
    {
        const QFontMetrics metrics(labelFont());
        const int most = scaled(220); // a path
        const int dot = m_dot.isValid() ? scaled(kDot + 5) : 0;
        return {std::min(metrics.horizontalAdvance(text()) + dot + scaled(18), most),
                scaled(kHeight)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        painter.setBrush(underMouse() ? colors.hover : colors.tint);
        painter.setPen(hasFocus() ? QPen(colors.accent, 1.5) : QPen(Qt::NoPen));
        painter.drawRoundedRect(box, kRadius, kRadius);
        QRect inside = rect().adjusted(scaled(9), 0, -scaled(9), 0);
        if (m_dot.isValid()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(m_dot);
            painter.drawEllipse(QRectF(inside.left(),
                                       inside.center().y() + 0.5 - scaled(kDot) / 2.0, scaled(kDot),
                                       scaled(kDot)));
            inside.setLeft(inside.left() + scaled(kDot + 5));
        }
        painter.setPen(colors.accent);
        painter.setFont(labelFont());
        const QString shown =
            painter.fontMetrics().elidedText(text(), Qt::ElideMiddle, inside.width());
        painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, shown);
    }

private:
    QFont labelFont() const
    {
        QFont label = font();
        label.setPixelSize(scaled(12));
        label.setWeight(QFont::DemiBold);
        return label;
    }

    QColor m_dot;
};

// From left to right, then the next line; the last one takes what is left of its line.
class LineLayout : public QLayout {
public:
    using QLayout::QLayout;
    ~LineLayout() override = default;

    void addItem(QLayoutItem* item) override { m_items.emplace_back(item); }
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override
    {
        return index >= 0 && index < count() ? m_items[static_cast<std::size_t>(index)].get()
                                             : nullptr;
    }
    QLayoutItem* takeAt(int index) override
    {
        if (index < 0 || index >= count()) {
            return nullptr;
        }
        QLayoutItem* item = m_items[static_cast<std::size_t>(index)].release();
        m_items.erase(m_items.begin() + index);
        return item;
    }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return place({0, 0, width, 0}, false); }
    QSize sizeHint() const override { return minimumSize(); }
    QSize minimumSize() const override { return {scaled(kLeastEdit), scaled(kHeight)}; }
    void setGeometry(const QRect& box) override
    {
        QLayout::setGeometry(box);
        place(box, true);
    }

private:
    int place(const QRect& box, bool move) const
    {
        const int gap = scaled(kGap);
        int x = box.left();
        int y = box.top();
        for (std::size_t i = 0; i < m_items.size(); ++i) {
            const bool isLast = i + 1 == m_items.size();
            const int wanted = isLast ? scaled(kLeastEdit) : m_items[i]->sizeHint().width();
            if (x > box.left() && x + wanted > box.left() + box.width()) {
                x = box.left();
                y += scaled(kHeight) + gap;
            }
            const int width = isLast ? box.left() + box.width() - x : std::min(wanted, box.width());
            if (move) {
                m_items[i]->setGeometry({x, y, width, scaled(kHeight)});
            }
            x += width + gap;
        }
        return y + scaled(kHeight) - box.top();
    }

    std::vector<std::unique_ptr<QLayoutItem>> m_items;
};

} // namespace

ChipEdit::ChipEdit(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
    , m_line(new QWidget)
    , m_edit(new QLineEdit)
    , m_problem(new QLabel)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setSpokenRole(this, QAccessible::Grouping);
    m_edit->setObjectName(name + QStringLiteral(".edit"));
    m_edit->setAccessibleName(tr("%1: another value").arg(accessible));
    m_edit->setToolTip(tr("Enter adds; Backspace removes the one before; Alt+← and Alt+→, or "
                          "dragging, order"));
    m_edit->installEventFilter(this);
    m_edit->setFrame(false);
    m_edit->setProperty("kind", QByteArray("chip"));
    setFocusProxy(m_edit);
    m_problem->setProperty("role", QByteArray("bad"));
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* lines = new LineLayout(m_line);
    lines->setContentsMargins(0, 0, 0, 0);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(2));
    rows->addWidget(m_line);
    rows->addWidget(m_problem);
    connect(m_edit, &QLineEdit::textEdited, this, [this] { showProblem({}); });
    whenEdited(m_edit, this, [this] {
        if (!m_edit->hasFocus()) { // left with something typed: it is meant
            add();
        }
    });
    rebuild(-1);
}

void ChipEdit::setRead(Read read)
{
    m_read = std::move(read);
}

void ChipEdit::setSuggestions(const QStringList& values)
{
    auto* completer = new QCompleter(values, m_edit);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_edit->setCompleter(completer);
}

void ChipEdit::setPlaceholder(const QString& text)
{
    m_edit->setPlaceholderText(text);
}

void ChipEdit::setTexts(const QStringList& texts)
{
    if (texts != m_texts) {
        m_texts = texts;
        rebuild(-1);
    }
}

void ChipEdit::setColors(const QVector<QColor>& colors)
{
    if (colors != m_colors) {
        m_colors = colors;
        rebuild(-1);
    }
}

// Chips are made anew: there are few of them.
void ChipEdit::rebuild(int focus)
{
    QLayout* layout = m_line->layout();
    while (QLayoutItem* item = layout->takeAt(0)) {
        delete item; // the widget stays
    }
    for (QAbstractButton* chip : std::exchange(m_chips, {})) {
        chip->hide();
        chip->deleteLater(); // perhaps it is telling of a key
    }
    for (int i = 0; i < m_texts.size(); ++i) {
        auto* chip = new ValueChip(m_texts[i], m_colors.value(i), m_line);
        chip->setObjectName(QStringLiteral("%1.%2").arg(objectName()).arg(i));
        chip->setAccessibleName(
            tr("%1, value %2 of %3")
                .arg(m_texts[i], QString::number(i + 1), QString::number(m_texts.size())));
        chip->setToolTip(m_texts[i]);
        chip->installEventFilter(this);
        layout->addWidget(chip);
        chip->show();
        m_chips.append(chip);
    }
    layout->addWidget(m_edit);
    orderTabs();
    if (focus >= 0 && focus < m_chips.size()) {
        m_chips[focus]->setFocus(Qt::ShortcutFocusReason);
    }
    layout->invalidate();
    m_line->updateGeometry();
    updateGeometry();
}

QVector<QWidget*> ChipEdit::tabChain() const
{
    QVector<QWidget*> chain {m_chips.begin(), m_chips.end()};
    chain.append(m_edit);
    return chain;
}

// The chips stand before the field, wherever in the window that is.
void ChipEdit::orderTabs()
{
    QWidget* before = m_edit->previousInFocusChain();
    while (before != m_edit
           && (before->focusPolicy() == Qt::NoFocus || before->parentWidget() == m_line
               || before->window() != window())) {
        before = before->previousInFocusChain();
    }
    for (QWidget* widget : tabChain()) {
        if (before != m_edit && before != widget) {
            setTabOrder(before, widget);
        }
        before = widget;
    }
}

bool ChipEdit::add()
{
    const QString typed = m_edit->text().trimmed();
    if (typed.isEmpty()) {
        return true;
    }
    const Typed read = m_read ? m_read(typed) : Typed {typed, {}};
    if (!read.problem.isEmpty()) {
        showProblem(read.problem);
        return false;
    }
    if (m_texts.contains(read.text)) {
        showProblem(tr("%1 is there already").arg(read.text));
        return false;
    }
    m_edit->clear();
    m_texts.append(read.text);
    rebuild(-1);
    Q_EMIT changed();
    return true;
}

void ChipEdit::remove(int place)
{
    if (place < 0 || place >= m_texts.size()) {
        return;
    }
    m_texts.removeAt(place);
    if (place < m_colors.size()) {
        m_colors.removeAt(place);
    }
    const int next = std::min(place, static_cast<int>(m_texts.size()) - 1);
    const bool fromEdit = m_edit->hasFocus();
    rebuild(fromEdit ? -1 : next);
    if (next < 0) {
        m_edit->setFocus(Qt::ShortcutFocusReason);
    }
    showProblem({});
    Q_EMIT changed();
}

void ChipEdit::move(int from, int to)
{
    if (from == to || to < 0 || to >= m_texts.size()) {
        return;
    }
    m_texts.move(from, to);
    if (m_colors.size() == m_texts.size()) {
        m_colors.move(from, to);
    }
    rebuild(to);
    Q_EMIT changed();
}

void ChipEdit::showProblem(const QString& problem)
{
    setStyleProperty(m_edit, "invalid", !problem.isEmpty());
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    if (std::exchange(m_why, problem) != problem) {
        Q_EMIT problemChanged();
    }
}

bool ChipEdit::editKey(int key)
{
    const bool isEmpty = m_edit->text().isEmpty();
    switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (isEmpty) {
            return false; // the page's own
        }
        add();
        return true;
    case Qt::Key_Backspace:
        if (isEmpty) {
            remove(static_cast<int>(m_texts.size()) - 1);
        }
        return isEmpty;
    case Qt::Key_Left:
        if (m_edit->cursorPosition() == 0 && !m_chips.isEmpty()) {
            m_chips.last()->setFocus(Qt::ShortcutFocusReason);
            return true;
        }
        return false;
    default:
        return false;
    }
}

bool ChipEdit::chipKey(int place, int key, Qt::KeyboardModifiers modifiers)
{
    const bool moves = (modifiers & Qt::AltModifier) != 0;
    const int step = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : 0;
    if (step != 0 && moves) {
        move(place, place + step);
        return true;
    }
    if (step != 0) {
        const int next = place + step;
        if (next >= m_chips.size()) {
            m_edit->setFocus(Qt::ShortcutFocusReason);
        } else if (next >= 0) {
            m_chips[next]->setFocus(Qt::ShortcutFocusReason);
        }
        return true;
    }
    if (key == Qt::Key_Backspace || key == Qt::Key_Delete) {
        remove(place);
        return true;
    }
    return false;
}

int ChipEdit::placeAt(const QPoint& position) const
{
    int nearest = 0;
    int least = std::numeric_limits<int>::max();
    for (int i = 0; i < m_chips.size(); ++i) {
        const int distance = (m_chips[i]->geometry().center() - position).manhattanLength();
        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    return nearest;
}

// Where it is let go, there it stands.
bool ChipEdit::drag(int place, const QMouseEvent* mouse)
{
    switch (mouse->type()) {
    case QEvent::MouseButtonPress:
        m_pressed = mouse->pos();
        m_dragging = false;
        return false;
    case QEvent::MouseMove:
        if ((mouse->buttons() & Qt::LeftButton) != 0
            && (mouse->pos() - m_pressed).manhattanLength() >= QApplication::startDragDistance()) {
            m_dragging = true;
            m_chips[place]->setCursor(Qt::ClosedHandCursor);
        }
        return m_dragging;
    case QEvent::MouseButtonRelease:
        if (std::exchange(m_dragging, false)) {
            m_chips[place]->setCursor(Qt::OpenHandCursor);
            m_chips[place]->setDown(false);
            move(place, placeAt(m_chips[place]->mapToParent(mouse->pos())));
            return true;
        }
        return false;
    default:
        return false;
    }
}

// -1: none of them. A chip that is going is no button any more when its last events come.
int ChipEdit::placeOf(const QObject* watched) const
{
    const auto found = std::find_if(m_chips.begin(), m_chips.end(),
                                    [watched](const QObject* chip) { return chip == watched; });
    return found == m_chips.end() ? -1 : static_cast<int>(found - m_chips.begin());
}

bool ChipEdit::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (watched == m_edit) {
            return editKey(key->key());
        }
        const int chip = placeOf(watched);
        return chip >= 0 && chipKey(chip, key->key(), key->modifiers());
    }
    const bool isMouse = event->type() == QEvent::MouseButtonPress
        || event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonRelease;
    if (isMouse && watched != m_edit) {
        const int chip = placeOf(watched);
        return chip >= 0 && drag(chip, static_cast<QMouseEvent*>(event));
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace pissarro::ui
