// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/spoken.h"

#include "tests/tools/patience.h"
#include "ui/look/metrics.h"
#include "ui/pages/pages.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/figures.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSpinBox>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QTest>
#include <QTextEdit>
#include <QToolButton>

#include <utility>

namespace pissarro::tests {

namespace {

constexpr int kMostNested = 16; // layouts in one another, each asking the next for room

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

// Names that are the same in every language: of methods, types, keys, file formats, columns of the data, and the words of
// the paper's prompt.
const QStringList kNames {
    QStringLiteral("PiSSA"),
    QStringLiteral("LoRA"),
    QStringLiteral("OLoRA"),
    QStringLiteral("QPiSSA"),
    QStringLiteral("QLoRA"),
    QStringLiteral("LoftQ"),
    QStringLiteral("rsLoRA"),
    QStringLiteral("DoRA"),
    QStringLiteral("Full"),
    QStringLiteral("AdamW"),
    QStringLiteral("SVD"),
    QStringLiteral("niter"),
    QStringLiteral("absmax"),
    QStringLiteral("Alpaca"),
    QStringLiteral("CPU"),
    QStringLiteral("PATH"),
    QStringLiteral("CSV"),
    QStringLiteral("TSV"),
    QStringLiteral("PNG"),
    QStringLiteral("PDF"),
    QStringLiteral("SVG"),
    QStringLiteral("nats"),
    QStringLiteral("LLaMA"),
    QStringLiteral("llama"),
    QStringLiteral("Pissarro"),
    QStringLiteral("Home"),
    QStringLiteral("Page"),
    QStringLiteral("Down"),
    QStringLiteral("Esc"),
    QStringLiteral("gate"),
    QStringLiteral("down"),
    QStringLiteral("question"),
    QStringLiteral("answer"),
    QStringLiteral("instruction"),
    QStringLiteral("output"),
    QStringLiteral("weight"),
    QStringLiteral("train"),
    QStringLiteral("Below"),
    QStringLiteral("Response"),
    QStringLiteral("Space"),
    QStringLiteral("Return"),
    QStringLiteral("Enter"),
    QStringLiteral("Del"),
    QStringLiteral("Backspace"),
    // programs, formats, people, tasks
    QStringLiteral("Python"),
    QStringLiteral("PEFT"),
    QStringLiteral("LoraConfig"),
    QStringLiteral("JSON"),
    QStringLiteral("TensorBoard"),
    QStringLiteral("SentencePiece"),
    QStringLiteral("BPE"),
    QStringLiteral("Hugging"),
    QStringLiteral("Face"),
    QStringLiteral("Studio"),
    QStringLiteral("Ollama"),
    QStringLiteral("Meng"),
    QStringLiteral("Wang"),
    QStringLiteral("Zhang"),
    QStringLiteral("arXiv"),
    QStringLiteral("Holm"),
    QStringLiteral("Wilson"),
    QStringLiteral("FLOPs"),
    QStringLiteral("PPL"),
    QStringLiteral("MATH"),
    QStringLiteral("HumanEval"),
    QStringLiteral("MBPP"),
    // what the command line calls rules, verbs and settings of sampling
    QStringLiteral("exp"),
    QStringLiteral("eval"),
    QStringLiteral("pass"),
    QStringLiteral("Top"),
    QStringLiteral("Min"),
    QStringLiteral("usual"),
    QStringLiteral("instruct"),
    QStringLiteral("acc"),
    QStringLiteral("exact"),
    QStringLiteral("contains"),
    QStringLiteral("number"),
    QStringLiteral("regex"),
    QStringLiteral("choice"),
    QStringLiteral("auto"),
};

QString named(const QWidget& widget)
{
    return widget.objectName().isEmpty() ? QString::fromLatin1(widget.metaObject()->className())
                                         : widget.objectName();
}

// Width that the words take, and that they have; {0, 0}: nothing to be cut.
struct Room {
    QString text;
    int needed = 0;
    int there = 0;
};

Room roomOf(const QLabel& label)
{
    if (qobject_cast<const ui::ElidedLabel*>(&label) != nullptr || label.text().isEmpty()) {
        return {};
    }
    if (qobject_cast<const ui::FigureLabel*>(&label) != nullptr) { // its hint has room to spare
        return {label.text(), ui::figuresWidth(label.fontMetrics(), label.text()),
                label.contentsRect().width()};
    }
    return label.wordWrap()
        ? Room {label.text(), label.heightForWidth(label.width()), label.height()}
        : Room {label.text(), label.sizeHint().width(), label.width()};
}

Room roomOf(const QAbstractButton& button)
{
    QFont font = button.font();
    if (button.objectName().startsWith(QLatin1String("rail."))) {
        font.setPixelSize(ui::scaled(11)); // as the rail paints it
    }
    const QFontMetrics metrics(font);
    return button.text().isEmpty()
        ? Room {}
        : Room {button.text(), metrics.size(Qt::TextShowMnemonic, button.text()).width(),
                button.contentsRect().width()};
}

Room roomOf(const QComboBox& box)
{
    QStyleOptionComboBox option;
    option.initFrom(&box);
    option.subControls = QStyle::SC_All;
    const QRect field = box.style()->subControlRect(QStyle::CC_ComboBox, &option,
                                                    QStyle::SC_ComboBoxEditField, &box);
    return {box.currentText(), box.fontMetrics().horizontalAdvance(box.currentText()),
            field.width()};
}

Room roomOf(const QAbstractSpinBox& box)
{
    const auto* edit = box.findChild<const QLineEdit*>();
    return {box.text(), box.fontMetrics().horizontalAdvance(box.text()),
            edit->contentsRect().width()};
}

Room roomOf(const QWidget& widget)
{
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        return roomOf(*label);
    }
    if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) {
        return roomOf(*button);
    }
    if (const auto* box = qobject_cast<const QComboBox*>(&widget)) {
        return roomOf(*box);
    }
    if (const auto* box = qobject_cast<const QAbstractSpinBox*>(&widget)) {
        return roomOf(*box);
    }
    return {};
}

// Fields that alone need more than `width`, with what they stand in.
QStringList widerThan(int width, const QWidget& form)
{
    QStringList wide;
    for (const QWidget* widget : form.findChildren<QWidget*>()) {
        const int needed = widget->minimumSizeHint().width();
        if (needed > width) {
            QStringList fields;
            for (const QWidget* field : widget->findChildren<QWidget*>()) {
                if (!field->objectName().isEmpty()) {
                    fields << field->objectName();
                }
            }
            const Room words = roomOf(*widget);
            wide << QStringLiteral("%1 px of %2 «%3» (%4)")
                        .arg(needed)
                        .arg(named(*widget), words.text, fields.join(QLatin1Char(' ')));
        }
    }
    return wide;
}

void addTexts(const QWidget& widget, QStringList& texts)
{
    texts << widget.toolTip() << widget.accessibleName() << widget.accessibleDescription()
          << widget.statusTip() << widget.windowTitle();
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        texts << label->text();
    } else if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) {
        texts << button->text();
    } else if (const auto* box = qobject_cast<const QComboBox*>(&widget)) {
        for (int i = 0; i < box->count(); ++i) {
            texts << box->itemText(i) << box->itemData(i, Qt::ToolTipRole).toString();
        }
    } else if (const auto* spin = qobject_cast<const QAbstractSpinBox*>(&widget)) {
        texts << spin->text() << spin->specialValueText();
    } else if (const auto* edit = qobject_cast<const QLineEdit*>(&widget)) {
        texts << edit->placeholderText();
    } else if (const auto* text = qobject_cast<const QTextEdit*>(&widget)) {
        texts << text->placeholderText();
    } else if (const auto* menu = qobject_cast<const QMenu*>(&widget)) {
        texts << menu->title();
    } else if (const auto* view = qobject_cast<const QAbstractItemView*>(&widget);
               view != nullptr && view->model() != nullptr) {
        for (int column = 0; column < view->model()->columnCount(); ++column) {
            texts << view->model()->headerData(column, Qt::Horizontal).toString();
        }
    }
    for (const QAction* action : widget.actions()) {
        texts << action->text() << action->statusTip();
    }
}

void addClipped(const QWidget& part, QStringList& found)
{
    for (const auto* area : part.findChildren<QScrollArea*>()) { // scrolled up and down alone
        const int there = area->viewport()->width();
        if (area->isVisible() && area->horizontalScrollBarPolicy() == Qt::ScrollBarAlwaysOff
            && area->widget()->width() > there) {
            found << QStringLiteral("%1 has %2 px, too few for %3")
                         .arg(named(*area))
                         .arg(there)
                         .arg(widerThan(there, *area->widget()).join(QStringLiteral(", ")));
        }
    }
    for (const QWidget* widget : part.findChildren<QWidget*>()) {
        const Room room = widget->isVisible() ? roomOf(*widget) : Room {};
        if (room.needed > room.there) {
            found << QStringLiteral("%1: «%2» needs %3 px, has %4")
                         .arg(named(*widget), room.text)
                         .arg(room.needed)
                         .arg(room.there);
        }
    }
}

} // namespace

bool SpokenWindow::hasModel()
{
    return QDir(kTinyModel).exists();
}

SpokenWindow::SpokenWindow()
    : m_window(m_services, ui::allPages())
{
    m_window.resize(1100, 700);
    m_window.show();
    m_window.openPath(kTinyModel);
    m_ready = QTest::qWaitFor([this] { return m_services.model.files() != nullptr; }, hangMs());
    m_services.data.open(kDemoData);
    m_ready = m_ready
        && QTest::qWaitFor([this] { return m_services.data.tokenized() != nullptr; }, hangMs());
    m_window.showPage(QStringLiteral("train"));
    m_window.findChild<QToolButton*>(QStringLiteral("train.advanced"))->setChecked(true);
    QCoreApplication::processEvents(); // layouts
    m_ready = m_ready && m_window.size() == QSize(1100, 700);
}

QVector<const QWidget*> SpokenWindow::frame() const
{
    QStringList names {QStringLiteral("rail"),      QStringLiteral("topBar"),
                       QStringLiteral("statusBar"), QStringLiteral("menu.file"),
                       QStringLiteral("menu.edit"), QStringLiteral("menu.view"),
                       QStringLiteral("menu.help")};
    for (const ui::PageEntry& entry : m_window.pages()) {
        if (!page(entry)->actions().isEmpty()) {
            names << QStringLiteral("menu.") + QLatin1String(entry.id);
        }
    }
    QVector<const QWidget*> parts;
    for (const QString& name : names) {
        if (const auto* part = m_window.findChild<QWidget*>(name)) {
            parts.append(part);
        } else {
            qWarning("the window has no %s", qPrintable(name));
        }
    }
    return parts;
}

const QWidget* SpokenWindow::page(const ui::PageEntry& entry) const
{
    return m_window.pageWidget(QLatin1String(entry.id));
}

QStringList SpokenWindow::clipped()
{
    QStringList found;
    for (const ui::PageEntry& entry : m_window.pages()) {
        m_window.showPage(QLatin1String(entry.id));
        QCoreApplication::processEvents();
        // An estimate may have come with the last event: its label has its text, and not yet its room.
        for (int depth = 0; depth < kMostNested; ++depth) {
            QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        }
        addClipped(*page(entry), found);
    }
    for (const QWidget* part : frame()) {
        addClipped(*part, found);
    }
    found.removeDuplicates();
    return found;
}

QStringList SpokenWindow::texts() const
{
    QStringList texts;
    QVector<const QWidget*> parts = frame();
    for (const ui::PageEntry& entry : m_window.pages()) {
        parts.append(page(entry));
    }
    for (const QWidget* part : std::as_const(parts)) {
        addTexts(*part, texts);
        for (const QWidget* widget : part->findChildren<QWidget*>()) {
            if (qobject_cast<const QMenu*>(widget)
                == nullptr) { // each is a part, or another page's
                addTexts(*widget, texts);
            }
        }
    }
    texts.removeAll(QString());
    texts.removeDuplicates();
    return texts;
}

QStringList englishIn(const QString& text)
{
    static const QRegularExpression kKeys(QStringLiteral("(Ctrl|Shift|Alt)\\+\\S+"));
    static const QRegularExpression kCode(
        QStringLiteral("[A-Za-z0-9_.,*{}/-]*[0-9_*/][A-Za-z0-9_.,*{}/-]*|"
                       "[A-Za-z]*([.-][A-Za-z]+)+"));
    static const QRegularExpression kMarkup(QStringLiteral("<[^>]*>|&[a-z]+;"));
    const QString plain = QString(text).remove(kMarkup).remove(kKeys).remove(kCode);
    QStringList words;
    static const QRegularExpression kWord(QStringLiteral("[A-Za-z]{3,}"));
    for (auto found = kWord.globalMatch(plain); found.hasNext();) {
        const QString word = found.next().captured();
        if (!kNames.contains(word)) {
            words.append(word);
        }
    }
    return words;
}

} // namespace pissarro::tests
