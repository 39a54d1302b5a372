// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form_field.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/widgets/edited.h"
#include "ui/widgets/elided_label.h"

#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QResizeEvent>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kLabelWidth = 86; // px; one column of labels down the form
constexpr int kFieldHeight = 28; // px
constexpr int kLabelGap = 8; // px
constexpr int kRowGap = 6; // px

// A line that is as high as its words need beside one another: a layout asks a wrapped label for two lines at least, and takes
// what more it needs from the fields above.
class WrappedLine : public QLabel {
public:
    void say(const QString& text)
    {
        if (text != this->text()) {
            setText(text);
            keepRoom();
        }
    }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QLabel::resizeEvent(event);
        if (event->oldSize().width() != event->size().width()) {
            keepRoom();
        }
    }
    void changeEvent(QEvent* event) override
    {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
            keepRoom();
        }
    }

private:
    void keepRoom()
    {
        const bool isKnown = !text().isEmpty() && testAttribute(Qt::WA_WState_Polished);
        setMinimumHeight(0); // of a label heightForWidth() is no less than what is set
        setMinimumHeight(isKnown ? std::max(0, heightForWidth(width())) : 0);
    }
};

// As a person types it: "~/runs/a" is in the home folder.
QString pathIn(const QString& text)
{
    const QString path = text.trimmed();
    return path.startsWith(QStringLiteral("~/")) ? QDir::homePath() + path.mid(1) : path;
}

} // namespace

FormField::FormField(const QString& label, const QVector<QWidget*>& fields, QWidget* parent)
    : QWidget(parent)
    , m_fields(fields)
    , m_column(new QVBoxLayout)
    , m_line(new WrappedLine)
{
    auto* name = new ElidedLabel(label); // a longer language than the column was made for
    name->setElision(Qt::ElideRight, scaled(kLabelWidth));
    m_name = name;
    m_name->setFixedWidth(scaled(kLabelWidth));
    m_name->setFixedHeight(scaled(kFieldHeight));
    if (!fields.isEmpty()) {
        m_name->setBuddy(fields.first());
    }

    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    for (QWidget* field : fields) {
        const bool keepsWidth = field->sizePolicy().horizontalPolicy() == QSizePolicy::Maximum;
        row->addWidget(field, keepsWidth ? 0 : 1);
    }
    row->addStretch(0); // takes the room when the fields keep their width
    m_line->setWordWrap(true);
    m_line->setTextFormat(Qt::PlainText);
    m_line->setProperty("role", QByteArray("muted"));
    m_line->hide();
    m_column->setSpacing(4);
    m_column->addLayout(row);
    m_column->addWidget(m_line);

    auto* outer = new QHBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(kLabelGap);
    outer->addWidget(m_name, 0, Qt::AlignTop);
    outer->addLayout(m_column, 1);
}

QFormLayout* FormField::newForm()
{
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(kLabelGap);
    form->setVerticalSpacing(kRowGap);
    form->setLabelAlignment(Qt::AlignLeft);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return form;
}

void FormField::addTo(QFormLayout* form)
{
    layout()->removeWidget(m_name);
    form->addRow(m_name, this);
    m_form = form;
}

void FormField::setRowVisible(bool on)
{
    if (m_form != nullptr) {
        m_form->setRowVisible(this, on);
    } else {
        setVisible(on);
    }
}

void FormField::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::EnabledChange && m_form != nullptr) {
        m_name->setEnabled(isEnabled());
    }
}

void FormField::setNote(const QString& text)
{
    m_noteText = text;
    showLine();
}

void FormField::setNoteInSight(bool on)
{
    m_noteInSight = on;
    showLine();
}

void FormField::setProblem(const QString& text, int field)
{
    m_badField = field;
    m_problem = text;
    showLine();
}

void FormField::showLine()
{
    const bool bad = !m_problem.isEmpty();
    const QString text = bad ? m_problem : m_noteText;
    static_cast<WrappedLine*>(m_line)->say(text);
    m_line->setVisible(!text.isEmpty() && (bad || m_noteInSight));
    m_name->setToolTip(m_noteInSight ? QString() : m_noteText);
    setRole(m_line, bad ? "bad" : "muted");
    for (qsizetype i = 0; i < m_fields.size(); ++i) {
        auto* path = qobject_cast<PathField*>(m_fields[i]);
        setStyleProperty(path != nullptr ? path->edit() : m_fields[i], "invalid",
                         bad && i == m_badField);
        m_fields[i]->setAccessibleDescription(text);
    }
}

PathField::PathField(const QString& name, const QString& accessible, Kind kind, QString filter,
                     QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
    , m_filter(std::move(filter))
    , m_edit(new QLineEdit)
    , m_button(new QToolButton)
{
    m_edit->setObjectName(name);
    m_edit->setAccessibleName(accessible);
    m_edit->installEventFilter(this);
    m_button->setObjectName(name + QStringLiteral(".browse"));
    m_button->setAccessibleName(tr("Choose: %1").arg(accessible));
    m_button->setToolTip(kind == Kind::Folder ? tr("Choose a folder") : tr("Choose a file"));
    m_button->setIcon(themedIcon(QStringLiteral("open")));
    m_button->setFixedSize(scaled(kFieldHeight), scaled(kFieldHeight));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_edit, 1);
    row->addWidget(m_button);
    setFocusProxy(m_edit);
    whenEdited(m_edit, this, [this] {
        if (m_edit->hasFocus() || m_edit->isModified()) {
            take(m_edit->text());
        }
    });
    connect(m_edit, &QLineEdit::textEdited, this, &PathField::takeTyped);
    connect(m_button, &QToolButton::clicked, this, &PathField::browse);
}

void PathField::setPath(const QString& path)
{
    m_path = path;
    m_edit->setToolTip(path);
    showText();
}

void PathField::take(const QString& text)
{
    m_edit->setModified(false);
    if (const QString path = pathIn(text); path != m_path) {
        setPath(path);
        Q_EMIT pathEdited(path);
    }
}

void PathField::takeTyped(const QString& text)
{
    if (const QString path = pathIn(text); m_tellsWhileTyped && path != m_path) {
        m_path = path;
        m_edit->setToolTip(path);
        Q_EMIT pathEdited(path);
    }
}

void PathField::browse()
{
    const QString start = QFileInfo(m_path).absolutePath();
    const QString chosen = m_kind == Kind::Folder
        ? QFileDialog::getSaveFileName(this, tr("Run folder"), m_path, {}, nullptr,
                                       QFileDialog::ShowDirsOnly)
        : QFileDialog::getOpenFileName(this, m_edit->accessibleName(), start, m_filter);
    if (!chosen.isEmpty() && chosen != m_path) {
        setPath(chosen);
        Q_EMIT pathEdited(chosen);
    }
}

bool PathField::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusIn) {
        m_edit->setText(m_path);
    } else if (event->type() == QEvent::FocusOut) {
        if (m_edit->isModified()) {
            take(m_edit->text());
        }
        showText();
    }
    return QWidget::eventFilter(watched, event);
}

void PathField::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    showText();
}

void PathField::showText()
{
    if (m_edit->hasFocus()) {
        if (!m_edit->isModified()) {
            m_edit->setText(m_path);
        }
        return;
    }
    const int room = m_edit->width() - scaled(22); // padding and border of the style
    m_edit->setText(m_edit->fontMetrics().elidedText(QFileInfo(m_path).fileName(), Qt::ElideMiddle,
                                                     std::max(scaled(40), room)));
    m_edit->setModified(false);
}

void WheelGuard::watch(QWidget* field)
{
    field->setFocusPolicy(Qt::StrongFocus);
    field->installEventFilter(this);
}

bool WheelGuard::eventFilter(QObject* watched, QEvent* event)
{
    auto* field = qobject_cast<QWidget*>(watched);
    if (event->type() == QEvent::Wheel && field != nullptr && !field->hasFocus()) {
        event->ignore();
        return true;
    }
    return QObject::eventFilter(watched, event);
}

} // namespace pissarro::ui
