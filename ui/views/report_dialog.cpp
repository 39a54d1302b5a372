// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/report_dialog.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/services/reports.h"
#include "ui/widgets/card.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/widgets/drop_question.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 560; // px, of the cards
constexpr int kLines = 3; // room for what went wrong
constexpr int kRunsHeight = 136; // px
constexpr int kEvaluationsHeight = 64; // px
constexpr int kListPadding = 4; // px, of rows from the focus ring

// Those that are documents: figures alone are for programs.
std::vector<core::ReportForm> documentForms()
{
    std::vector<core::ReportForm> forms;
    for (const core::ReportForm& form : core::reportForms()) {
        if (form.isDocument) {
            forms.push_back(form);
        }
    }
    return forms;
}

QStringList formTitles()
{
    QStringList titles;
    for (const core::ReportForm& form : documentForms()) {
        titles.append(fromView(form.title));
    }
    return titles;
}

QString endingOf(int form)
{
    return fromView(documentForms()[static_cast<std::size_t>(form)].ending);
}

// A list that says in its place what it means to be empty.
class HintedList : public QListWidget {
public:
    explicit HintedList(const QString& hint)
        : m_hint(hint)
    {
        const int padding = scaled(kListPadding);
        setViewportMargins(padding, padding, padding, padding);
    }

protected:
    void paintEvent(QPaintEvent* event) override
    {
        QListWidget::paintEvent(event);
        if (count() == 0) {
            QPainter painter(viewport());
            painter.setPen(Theme::instance().colors().muted);
            painter.drawText(viewport()->rect(), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                             m_hint);
        }
    }

private:
    QString m_hint;
};

QListWidget* listOf(const QString& name, const QString& accessible, int height,
                    const QString& hint = {})
{
    auto* list = new HintedList(hint);
    list->setObjectName(name);
    list->setAccessibleName(accessible);
    list->setAccessibleDescription(hint);
    list->setTextElideMode(Qt::ElideMiddle);
    list->setFixedHeight(scaled(height));
    return list;
}

// Beside a field: as wide as its word.
void keepWidth(QPushButton* button)
{
    button->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

void keepPlace(QWidget* widget)
{
    QSizePolicy policy = widget->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    widget->setSizePolicy(policy);
    widget->hide();
}

} // namespace

ReportDialog::ReportDialog(Reports& reports, const QVector<Run>& runs, QWidget* parent)
    : QDialog(parent)
    , m_reports(reports)
    , m_runs(listOf(QStringLiteral("report.runs"), tr("Runs in the report"), kRunsHeight))
    , m_evaluations(listOf(
          QStringLiteral("report.evaluations"), tr("Evaluations laid in"), kEvaluationsHeight,
          tr("No evaluation is laid in: the report says that scores are not known.")))
    , m_remove(new QPushButton(tr("Remove")))
    , m_paper(new QComboBox)
    , m_updates(new QCheckBox(tr("Look where the updates went (reads weights)")))
    , m_form(new SegmentedControl(QStringLiteral("report.form"), tr("Form of the report"),
                                  formTitles()))
    , m_file(new QLineEdit)
    , m_command(new QLineEdit)
    , m_bar(new QProgressBar)
    , m_line(new QLabel)
    , m_open(new QPushButton(tr("Open")))
    , m_close(new QPushButton(tr("Close")))
    , m_write(new QPushButton(tr("Write report")))
{
    setObjectName(QStringLiteral("dialog.report"));
    setWindowTitle(tr("Report"));
    setModal(true);
    auto* cards = new QVBoxLayout;
    cards->setSpacing(12);
    buildRuns(Card::bodyOfNew(cards, tr("Runs")), runs);
    buildContent(Card::bodyOfNew(cards, tr("Beside them")));
    buildTarget(Card::bodyOfNew(cards, tr("Where it goes")));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    layout->addWidget(new DialogGround(cards, scaled(kWidth)), 1);
    buildFoot(layout);
    connect(&m_reports, &Reports::stateChanged, this, &ReportDialog::showProgress);
    if (!runs.isEmpty()) { // beside the runs, never in one
        const QFileInfo first(runs.first().path);
        setFile(first.absolutePath() + QStringLiteral("/report-") + first.fileName() + endingOf(0),
                false);
    }
    showChoice();
    fitToScreen(this);
}

void ReportDialog::buildRuns(QVBoxLayout* into, const QVector<Run>& runs)
{
    for (const Run& run : runs) {
        auto* item = new QListWidgetItem(run.title, m_runs);
        item->setData(Qt::UserRole, run.path);
        item->setToolTip(run.path);
        item->setFlags(item->flags() | Qt::ItemIsUserCheckable);
        item->setCheckState(Qt::Checked);
    }
    connect(m_runs, &QListWidget::itemChanged, this, &ReportDialog::showChoice);
    into->addWidget(m_runs);
}

void ReportDialog::buildContent(QVBoxLayout* into)
{
    auto* add = new QPushButton(tr("Add evaluation…"));
    add->setObjectName(QStringLiteral("report.addEvaluation"));
    add->setAccessibleName(tr("Add the folder of an evaluation"));
    add->setToolTip(tr("A folder that eval wrote: its scores belong to the runs (Alt+A)"));
    add->setShortcut(Qt::ALT | Qt::Key_A);
    connect(add, &QPushButton::clicked, this, [this] {
        askForFolder(this, tr("Add the folder of an evaluation"),
                     [this](const QString& folder) { addEvaluation(folder); });
    });
    m_remove->setObjectName(QStringLiteral("report.removeEvaluation"));
    m_remove->setAccessibleName(tr("Take the evaluation off the list"));
    m_remove->setEnabled(false);
    connect(m_evaluations, &QListWidget::itemSelectionChanged, this,
            [this] { m_remove->setEnabled(!m_evaluations->selectedItems().isEmpty()); });
    connect(m_remove, &QPushButton::clicked, this, [this] {
        qDeleteAll(m_evaluations->selectedItems());
        showChoice();
    });
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(add);
    buttons->addWidget(m_remove);
    buttons->addStretch(1);
    into->addWidget(m_evaluations);
    into->addLayout(buttons);
    m_paper->setObjectName(QStringLiteral("report.paper"));
    m_paper->setAccessibleName(tr("Experiment of the paper to lay beside"));
    m_paper->addItem(tr("none"), QString());
    for (const core::PaperExperiment& one : core::paperExperiments()) {
        m_paper->addItem(QString::fromStdString(one.title), QString::fromStdString(one.key));
        m_paper->setItemData(m_paper->count() - 1, QString::fromStdString(one.about),
                             Qt::ToolTipRole);
    }
    connect(m_paper, &QComboBox::currentIndexChanged, this, &ReportDialog::showChoice);
    auto* guard = new WheelGuard(this);
    guard->watch(m_paper);
    into->addWidget(new FormField(tr("The paper's"), {m_paper}));
    m_updates->setObjectName(QStringLiteral("report.updates"));
    m_updates->setChecked(true);
    connect(m_updates, &QCheckBox::toggled, this, &ReportDialog::showChoice);
    into->addWidget(m_updates);
}

void ReportDialog::buildTarget(QVBoxLayout* into)
{
    connect(m_form, &SegmentedControl::changed, this, &ReportDialog::takeForm);
    into->addWidget(new FormField(tr("Form"), {m_form}));
    m_file->setObjectName(QStringLiteral("report.file"));
    m_file->setAccessibleName(tr("File to write"));
    connect(m_file, &QLineEdit::textEdited, this, [this] {
        m_agreed.clear(); // of that name nobody was asked
        showChoice();
    });
    auto* choose = new QPushButton(tr("Choose…"));
    choose->setObjectName(QStringLiteral("report.choose"));
    choose->setAccessibleName(tr("Choose the file to write"));
    keepWidth(choose);
    connect(choose, &QPushButton::clicked, this, &ReportDialog::chooseFile);
    into->addWidget(new FormField(tr("File"), {m_file, choose}));
    m_command->setObjectName(QStringLiteral("report.command"));
    m_command->setAccessibleName(tr("The command line that writes the same report"));
    m_command->setReadOnly(true);
    auto* copy = new QPushButton(tr("Copy"));
    copy->setObjectName(QStringLiteral("report.copy"));
    copy->setAccessibleName(tr("Copy the command line"));
    keepWidth(copy);
    copy->setToolTip(tr("Copy the command line (Alt+C)"));
    copy->setShortcut(Qt::ALT | Qt::Key_C);
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_command->text()); });
    into->addWidget(new FormField(tr("Command"), {m_command, copy}));
}

void ReportDialog::buildFoot(QVBoxLayout* into)
{
    m_bar->setObjectName(QStringLiteral("report.progress"));
    m_bar->setAccessibleName(tr("Progress of the report"));
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(scaled(6));
    keepPlace(m_bar);
    m_line->setObjectName(QStringLiteral("report.line"));
    m_line->setWordWrap(true);
    m_line->setTextFormat(Qt::PlainText);
    m_line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_line->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    // A path without a place to break it does not widen the dialog.
    m_line->setMinimumSize(1, kLines * m_line->fontMetrics().lineSpacing());
    keepPlace(m_line);
    into->addWidget(m_bar);
    into->addWidget(m_line);
    m_open->setObjectName(QStringLiteral("report.open"));
    m_open->setAccessibleName(tr("Open the report that was written"));
    m_open->hide();
    m_close->setObjectName(QStringLiteral("report.close"));
    m_close->setAccessibleName(tr("Close"));
    m_write->setObjectName(QStringLiteral("report.write"));
    m_write->setAccessibleName(tr("Write the report"));
    m_write->setProperty("kind", QByteArray("primary"));
    m_write->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_open);
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_write);
    into->addLayout(buttons);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (const QString problem = openFolder(m_reports.written()); !problem.isEmpty()) {
            m_line->setText(problem);
        }
    });
    connect(m_close, &QPushButton::clicked, this, &ReportDialog::cancel);
    connect(m_write, &QPushButton::clicked, this, &ReportDialog::start);
}

void ReportDialog::addEvaluation(const QString& folder)
{
    if (m_evaluations->findItems(folder, Qt::MatchExactly).isEmpty()) {
        auto* item = new QListWidgetItem(folder, m_evaluations);
        item->setToolTip(folder);
        showChoice();
    }
}

core::ReportRequest ReportDialog::request() const
{
    core::ReportRequest request;
    for (int row = 0; row < m_runs->count(); ++row) {
        const QListWidgetItem* item = m_runs->item(row);
        if (item->checkState() == Qt::Checked) {
            request.runs.emplace_back(item->data(Qt::UserRole).toString().toStdString());
        }
    }
    for (int row = 0; row < m_evaluations->count(); ++row) {
        request.how.evaluations.emplace_back(m_evaluations->item(row)->text().toStdString());
    }
    request.how.experiment = m_paper->currentData().toString().toStdString();
    request.how.withUpdate = m_updates->isChecked();
    request.output = m_file->text().toStdString();
    return request;
}

void ReportDialog::setFile(const QString& path, bool agreed)
{
    m_file->setText(path);
    m_agreed = agreed ? path : QString();
}

void ReportDialog::takeForm(int place)
{
    const QString now = m_file->text();
    const std::filesystem::path file(now.toStdString());
    const auto known = core::reportFormOf(file) != nullptr ? file.extension().string().size() : 0;
    setFile(now.chopped(static_cast<qsizetype>(known)) + endingOf(place), false);
    showChoice();
}

void ReportDialog::chooseFile()
{
    const QString title = formTitles()[m_form->current()];
    askToSave(this, tr("Write the report"), m_file->text(),
              tr("%1 (*%2)", "a form of reports, and how its files end")
                  .arg(title, endingOf(m_form->current())),
              [this](const QString& path) {
                  const QString ending = endingOf(m_form->current());
                  const bool ends = path.endsWith(ending);
                  setFile(ends ? path : path + ending, ends); // of that very name it asked
                  showChoice();
              });
}

void ReportDialog::showChoice()
{
    const core::ReportRequest wanted = request();
    m_command->setText(QString::fromStdString(core::reportCommand(wanted)));
    m_command->setCursorPosition(0);
    m_command->setToolTip(m_command->text());
    const bool known = core::reportFormOf(wanted.output) != nullptr;
    m_write->setEnabled(!m_busy && !wanted.runs.empty() && known);
    m_write->setToolTip(wanted.runs.empty() ? tr("Check a run at least")
                            : known         ? QString()
                                            : tr("The file's name has to end in %1")
                                          .arg(QString::fromStdString(core::reportEndings())));
    if (!m_busy) {
        m_open->hide();
    }
}

void ReportDialog::start()
{
    showBusy(true);
    const bool agreed = !m_agreed.isEmpty() && m_agreed == m_file->text();
    m_reports.write(request(), agreed ? core::Overwrite::ThisFile : core::Overwrite::Never);
}

void ReportDialog::showProgress()
{
    if (!m_busy) {
        return; // another dialog's
    }
    if (const auto* running = std::get_if<Running>(&m_reports.state())) {
        if (!running->stage.isEmpty()) {
            m_bar->setValue(static_cast<int>(std::max(0.0, running->fraction) * m_bar->maximum()));
            m_line->setText(stageText(running->stage));
        }
    } else if (const Failed* failed = m_reports.failure()) {
        showBusy(false);
        m_line->setText(failed->why);
        m_line->show();
        m_write->setFocus(); // the fields were disabled: it went astray
    } else if (std::holds_alternative<Ready>(m_reports.state())) {
        showBusy(false);
        const QStringList& notes = m_reports.notes();
        QString text = tr("Written: %1").arg(m_reports.written());
        if (!notes.isEmpty()) {
            text += QLatin1Char('\n') + notes.join(QLatin1Char('\n'));
        }
        m_line->setText(text);
        m_line->show();
        m_open->show();
        m_close->setDefault(true);
        m_close->setFocus();
    } else {
        showBusy(false);
    }
}

void ReportDialog::showBusy(bool busy)
{
    m_busy = busy;
    for (QWidget* field : {static_cast<QWidget*>(m_runs), static_cast<QWidget*>(m_evaluations),
                           static_cast<QWidget*>(m_paper), static_cast<QWidget*>(m_updates),
                           static_cast<QWidget*>(m_form), static_cast<QWidget*>(m_file)}) {
        field->setEnabled(!busy);
    }
    m_close->setText(busy ? tr("Cancel") : tr("Close"));
    m_bar->setValue(0);
    m_bar->setVisible(busy);
    m_line->setText(busy ? tr("Reading the runs…") : QString());
    m_line->setVisible(busy);
    showChoice();
}

void ReportDialog::cancel()
{
    if (m_busy) {
        m_reports.cancel();
    }
    QDialog::reject();
}

void ReportDialog::reject()
{
    if (m_busy) {
        askToDrop(this, tr("The report is not finished."), [this] { cancel(); });
    } else {
        QDialog::reject();
    }
}

} // namespace pissarro::ui
