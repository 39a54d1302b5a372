// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/data_page.h"

#include "core/run/run_spec.h"
#include "ui/pages/data/checks_card.h"
#include "ui/pages/data/length_plot.h"
#include "ui/pages/data/row_card.h"
#include "ui/pages/data/source_card.h"
#include "ui/services/services.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

DataPage::DataPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(QStringLiteral("data.empty"), QStringLiteral("data"),
                             tr("What a model will learn from"),
                             tr("Open a file of rows (JSON, JSON lines, CSV, TSV or text), or drop "
                                "one here."),
                             tr("Open data…")))
    , m_source(new SourceCard(services.data))
    , m_row(new RowCard(services.data))
    , m_lengthCard(new Card(tr("Length")))
    , m_lengths(new LengthPlot)
    , m_cutSome(new QPushButton)
    , m_cutNone(new QPushButton)
    , m_checks(new ChecksCard(services.data))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildContent());
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->addWidget(m_stack);
    buildActions();
    connectWidgets();
    showData();
}

QWidget* DataPage::buildLengths()
{
    m_cutSome->setObjectName(QStringLiteral("data.cutSome"));
    m_cutNone->setObjectName(QStringLiteral("data.cutNone"));
    m_lengthCard->addTitleWidget(m_cutSome);
    m_lengthCard->addTitleWidget(m_cutNone);
    m_lengthCard->body()->addWidget(m_lengths, 1);
    return m_lengthCard;
}

QWidget* DataPage::buildContent()
{
    auto* below = pageSplitter("data.below", Qt::Horizontal, buildLengths(), m_checks, {560, 430});
    auto* right = pageSplitter("data.rows", Qt::Vertical, m_row, below, {430, 350});
    auto* columns = pageSplitter("data.columns", Qt::Horizontal, m_source, right, {304, 1010});
    columns->setStretchFactor(0, 0);
    columns->setStretchFactor(1, 1);
    return columns;
}

void DataPage::buildActions()
{
    addPageAction(this, QStringLiteral("data.addTestSet"), tr("Add or remove a &test set…"),
                  QKeySequence(Qt::CTRL | Qt::Key_T), [this] { m_checks->chooseTestSet(); });
    addPageAction(this, QStringLiteral("data.saveBadRows"), tr("&Save bad rows…"), {},
                  [this] { saveBadRows(); });
    addActionSeparator(this);
    m_train = addPageAction(this, QStringLiteral("data.trainOnThis"), tr("T&rain on this"),
                            QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { train(); });
    m_stop = addPageAction(this, QStringLiteral("data.stop"), tr("&Cancel"),
                           QKeySequence(Qt::CTRL | Qt::Key_Period),
                           [this] { m_services.data.cancelChecks(); });
    addPageAction(this, QStringLiteral("data.copyCommand"), tr("Copy as c&ommand"), {},
                  [this] { copyCommand(); });
    m_source->trainButton()->setToolTip(
        tr("Goes to the Train page (%1)")
            .arg(m_train->shortcut().toString(QKeySequence::NativeText)));
}

void DataPage::connectWidgets()
{
    Data& source = m_services.data;
    connect(m_empty, &EmptyState::acted, this, &DataPage::openChosen);
    connect(m_source, &SourceCard::pathChosen, this, [this](const QString& path) {
        path.isEmpty() ? m_services.data.close() : m_services.data.open(path);
    });
    connect(m_source->trainButton(), &QPushButton::clicked, this, &DataPage::train);
    connect(m_source->copyButton(), &QPushButton::clicked, this, &DataPage::copyCommand);
    connect(m_lengths, &LengthPlot::cutMoved, this, &DataPage::setCut);
    connect(m_cutSome, &QPushButton::clicked, this,
            [this] { setCut(m_cutSome->property("length").toLongLong()); });
    connect(m_cutNone, &QPushButton::clicked, this,
            [this] { setCut(m_services.data.lengths().longest); });
    connect(m_checks, &ChecksCard::lineChosen, m_row, &RowCard::showLine);
    connect(m_checks, &ChecksCard::saveBadRowsWanted, this, &DataPage::saveBadRows);
    connect(&source, &Data::changed, this, [this] { whenInSight("data", [this] { showData(); }); });
    connect(&source, &Data::checksChanged, this,
            [this] { m_stop->setEnabled(m_services.data.isChecking()); });
    connect(&m_services.model, &Model::opened, this,
            [this] { whenInSight("data", [this] { showData(); }); });
    connect(&m_saving, &JobBridge::failed, this, [this](quint64 /*id*/, const QString& why) {
        Q_EMIT failed({tr("Could not save the bad rows"), m_services.data.path(), why});
    });
    m_stop->setEnabled(false);
}

void DataPage::showData()
{
    Data& source = m_services.data;
    m_stack->setCurrentIndex(source.path().isEmpty() ? 0 : 1);
    m_row->setTokenizer(m_services.model.tokenizer());
    m_source->showData();
    m_row->showData();
    m_checks->showData();
    const bool any = source.whole() != nullptr;
    const core::LengthFigures& lengths = source.lengths();
    m_lengths->setFigures(any ? lengths : core::LengthFigures());
    m_lengths->setCut(source.maxLength());
    m_lengthCard->setSubtitle(any ? tr("tokens a row · median %1 · 95 % %2 · longest %3")
                                        .arg(formatCount(lengths.median), formatCount(lengths.most),
                                             formatCount(lengths.longest))
                                  : QString());
    m_cutSome->setText(tr("Cut 5 % → %1").arg(formatCount(lengths.most)));
    m_cutSome->setProperty("length", static_cast<qlonglong>(lengths.most));
    m_cutNone->setText(tr("Cut nothing → %1").arg(formatCount(lengths.longest)));
    m_cutSome->setVisible(any);
    m_cutNone->setVisible(any);
    m_train->setEnabled(source.tokenized() != nullptr);
}

void DataPage::setCut(std::int64_t length)
{
    constexpr std::int64_t kShortest = 2;
    m_services.data.setMaxLength(static_cast<int>(std::max(length, kShortest)));
    m_services.data.tellSettings();
    m_lengths->setCut(m_services.data.maxLength());
}

void DataPage::openChosen()
{
    askToOpen(this, tr("Open data"), dataFilter(),
              [this](const QString& path) { m_services.data.open(path); });
}

void DataPage::train()
{
    if (m_services.data.tokenized() != nullptr) {
        m_services.data.tellSettings();
        Q_EMIT go(QStringLiteral("train"), {});
    }
}

void DataPage::copyCommand()
{
    const Data& source = m_services.data;
    core::RunSpec spec;
    spec.model = pathOf(m_services.model.files()).toStdString();
    spec.data = source.path().toStdString();
    spec.promptTemplate = source.promptTemplate();
    spec.columns = core::columnMapText(source.reading().columns);
    spec.learned = source.reading().learned;
    spec.strict = source.reading().strict;
    spec.maxLength = source.maxLength();
    QApplication::clipboard()->setText(commandFor(spec, {}, QStringLiteral("runs/new")));
}

void DataPage::saveBadRows()
{
    const Data& source = m_services.data;
    if (source.path().isEmpty()) {
        return;
    }
    const auto write = [this](const QString& path) {
        const Data& now = m_services.data;
        m_saving.start<std::int64_t>(
            [from = now.path().toStdString(), how = now.options(), sorts = now.sortsTexts(),
             labels = now.labels(), words = m_services.model.tokenizer(),
             target = path.toStdString()](const core::JobContext& job) {
                core::BadRowsFile file;
                file.path = target;
                file.rule.overwrite = core::Overwrite::ThisFile; // the dialog asked
                return sorts ? core::writeBadTexts(from, how, labels, file, job)
                             : core::writeBadRows(from, how, words.get(), file, job);
            },
            [this, path](std::int64_t rows) {
                Q_EMIT noticed(
                    {tr("%1 bad rows saved", nullptr, pluralOf(rows)).arg(formatCount(rows)),
                     path,
                     {},
                     {}});
            });
    };
    askToSave(this, tr("Save bad rows"),
              QStringLiteral("%1_bad.jsonl").arg(QFileInfo(source.path()).completeBaseName()),
              tr("JSON lines (*.jsonl)"), write);
}

void DataPage::take(const QVariant& with)
{
    if (with.canConvert<QString>() && !with.toString().isEmpty()) {
        m_services.data.open(with.toString());
    }
}

// The checks read the file once more: only while somebody looks.
void DataPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_services.data.wantChecks(true);
}

void DataPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_services.data.wantChecks(false);
}

} // namespace pissarro::ui
