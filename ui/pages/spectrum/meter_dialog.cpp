// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/meter_dialog.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 760; // px
constexpr int kHeight = 680;
constexpr int kBarSteps = 1000;

enum Figure { Subspace, Reconstruction, Init, Time };

// "1, 2, 4" -> {1, 2, 4}; nullopt: something else stands there.
std::optional<std::vector<std::int64_t>> numbersIn(const QLineEdit& edit, int lowest, int highest)
{
    std::vector<std::int64_t> numbers;
    for (const QString& part : edit.text().split(QLatin1Char(','))) {
        bool good = false;
        const int number = part.trimmed().toInt(&good);
        if (!good || number < lowest || number > highest) {
            return std::nullopt;
        }
        numbers.push_back(number);
    }
    return numbers;
}

QString methodOf(const core::MeterRow& row, bool severalOversamplings)
{
    if (row.exact) {
        return MeterDialog::tr("exact");
    }
    return severalOversamplings ? QStringLiteral("%1 · p %2").arg(row.niter).arg(row.oversampling)
                                : QString::number(row.niter);
}

} // namespace

MeterDialog::MeterDialog(Services& services, const QStringList& modules, QWidget* parent)
    : QDialog(parent)
    , m_meter(services.fastSvd)
    , m_modules(modules)
    , m_ranks(new QLineEdit(QStringLiteral("4, 16, 64, 128")))
    , m_niters(new QLineEdit(QStringLiteral("1, 2, 4, 8, 16")))
    , m_oversamplings(new QLineEdit(QStringLiteral("8")))
    , m_start(new QPushButton(tr("Measure")))
    , m_bar(new QProgressBar)
    , m_line(new QLabel)
    , m_figure(new QComboBox)
    , m_table(new QTableWidget)
    , m_plot(new LinePlot(QStringLiteral("meter.plot"), tr("Error over time")))
    , m_copy(new QPushButton(tr("Copy as Markdown")))
    , m_save(new QPushButton(tr("Save…")))
{
    setObjectName(QStringLiteral("dialog.meter"));
    setWindowTitle(tr("Fast SVD measured"));
    setAttribute(Qt::WA_DeleteOnClose);
    sizeAsDrawn(this, {kWidth, kHeight});
    takeMeasurement();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    buildSettings(Card::bodyOfNew(layout, tr("What is measured")));
    buildResults(Card::bodyOfNew(layout, tr("Results"), 1));
    buildFoot(layout);
    connect(&m_meter, &FastSvdMeter::stateChanged, this, &MeterDialog::showProgress);
    connect(&services.model, &Model::opened, this, &QDialog::close);
    showRows();
    showState();
}

void MeterDialog::takeMeasurement()
{
    const Measurement& known = m_meter.measurement();
    const bool busy = m_meter.isRunning();
    if (!busy && (known.rows.empty() || known.modules != m_modules)) {
        return;
    }
    m_modules = known.modules;
    m_rows = known.rows;
    const auto show = [](QLineEdit* edit, const auto& numbers) {
        QStringList texts;
        for (const auto number : numbers) {
            texts << QString::number(number);
        }
        edit->setText(texts.join(QStringLiteral(", ")));
    };
    show(m_ranks, known.options.ranks);
    show(m_niters, known.options.niters);
    show(m_oversamplings, known.options.oversamplings);
}

void MeterDialog::buildSettings(QVBoxLayout* into)
{
    auto* text = new QLabel(
        tr("Decomposes %1 exactly and with every setting, on one thread: what the randomised SVD "
           "saves, and what it misses.")
            .arg(tr("the %n selected matrices", nullptr, pluralOf(m_modules.size()))));
    text->setProperty("role", QByteArray("muted"));
    text->setWordWrap(true);
    into->addWidget(text);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(10);
    int column = 0;
    const auto add = [&](const char* name, const QString& label, QLineEdit* edit) {
        edit->setObjectName(QLatin1String(name));
        edit->setAccessibleName(label);
        auto* caption = new QLabel(label);
        caption->setProperty("role", QByteArray("muted"));
        grid->addWidget(caption, 0, column);
        grid->addWidget(edit, 1, column++);
        connect(edit, &QLineEdit::returnPressed, this, &MeterDialog::start);
    };
    add("meter.ranks", tr("Ranks"), m_ranks);
    add("meter.niters", tr("Power iterations (niter)"), m_niters);
    add("meter.oversamplings", tr("Oversampling"), m_oversamplings);
    m_start->setObjectName(QStringLiteral("meter.start"));
    m_start->setProperty("kind", QStringLiteral("primary"));
    m_start->setAutoDefault(false);
    grid->addWidget(m_start, 1, column);
    into->addLayout(grid);
    m_bar->setObjectName(QStringLiteral("meter.progress"));
    m_bar->setAccessibleName(tr("Progress of the measurement"));
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(scaled(6));
    QSizePolicy kept = m_bar->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // nothing moves when it comes
    m_bar->setSizePolicy(kept);
    into->addWidget(m_bar);
    m_line->setObjectName(QStringLiteral("meter.line"));
    m_line->setWordWrap(true);
    into->addWidget(m_line);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_meter.isRunning()) {
            m_meter.cancel();
        } else {
            start();
        }
        showState();
    });
}

void MeterDialog::buildResults(QVBoxLayout* into)
{
    m_figure->setObjectName(QStringLiteral("meter.figure"));
    m_figure->setAccessibleName(tr("What the table shows"));
    m_figure->addItem(tr("Subspace error"), Subspace);
    m_figure->addItem(tr("Excess reconstruction error"), Reconstruction);
    m_figure->addItem(tr("Init error, mean |ΔBA|"), Init);
    m_figure->addItem(tr("Time of the whole model, s"), Time);
    auto* row = new QHBoxLayout;
    row->addWidget(m_figure);
    row->addStretch(1);
    into->addLayout(row);
    m_table->setObjectName(QStringLiteral("meter.table"));
    m_table->setAccessibleName(tr("Figure by niter and rank"));
    m_table->setTabKeyNavigation(false); // Tab leaves it, arrows walk it
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->verticalHeader()->setDefaultSectionSize(scaled(24));
    m_table->verticalHeader()->setObjectName(QStringLiteral("tightHeader"));
    m_table->setItemDelegate(new FigureDelegate(m_table));
    into->addWidget(m_table, 2);
    m_plot->setAxisTitles(tr("seconds for the whole model, one thread"), {});
    m_plot->setLogY(true);
    into->addWidget(m_plot, 3);
    connect(m_figure, &QComboBox::currentIndexChanged, this, &MeterDialog::showRows);
    connect(m_plot, &LinePlot::exportFailed, m_line, &QLabel::setText);
}

void MeterDialog::buildFoot(QVBoxLayout* into)
{
    m_copy->setObjectName(QStringLiteral("meter.copy"));
    m_save->setObjectName(QStringLiteral("meter.save"));
    auto* close = new QPushButton(tr("Close"));
    close->setObjectName(QStringLiteral("meter.close"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (QPushButton* button : {m_copy, m_save}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    row->addStretch(1);
    close->setAutoDefault(false);
    row->addWidget(close);
    into->addLayout(row);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(QString::fromStdString(core::meterToMarkdown(m_rows)));
    });
    connect(m_save, &QPushButton::clicked, this, &MeterDialog::save);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

void MeterDialog::start()
{
    constexpr int kMost = 65'536;
    const auto ranks = numbersIn(*m_ranks, 1, kMost);
    const auto niters = numbersIn(*m_niters, 0, 1000);
    const auto oversamplings = numbersIn(*m_oversamplings, 0, kMost);
    const auto mark = [](QLineEdit* edit, bool bad) {
        edit->setProperty("invalid", bad);
        edit->style()->unpolish(edit);
        edit->style()->polish(edit);
    };
    mark(m_ranks, !ranks);
    mark(m_niters, !niters);
    mark(m_oversamplings, !oversamplings);
    if (!ranks || !niters || !oversamplings) {
        m_line->setText(tr("Whole numbers with commas between, such as 1, 2, 4"));
        return;
    }
    core::MeterOptions options;
    options.ranks = *ranks;
    options.niters.assign(niters->begin(), niters->end());
    options.oversamplings = *oversamplings;
    m_meter.measure(m_modules, options);
    showState();
}

void MeterDialog::showProgress()
{
    if (const auto* running = std::get_if<Running>(&m_meter.state())) {
        if (running->fraction >= 0.0) {
            m_bar->setValue(static_cast<int>(running->fraction * kBarSteps));
        }
        return;
    }
    const auto& rows = m_meter.measurement().rows;
    m_rows = rows.empty() ? m_rows : rows;
    showRows();
    showState();
}

void MeterDialog::showState()
{
    const bool busy = m_meter.isRunning();
    m_start->setText(busy ? tr("Cancel") : tr("Measure"));
    m_bar->setValue(busy ? m_bar->value() : 0);
    m_bar->setVisible(busy);
    m_line->setText(busy ? tr("Measuring… It goes on when this dialog is closed.") : QString());
    m_plot->setEmptyText(busy ? tr("Measuring: the curves draw here at the end.")
                              : tr("Press Measure"));
    m_copy->setEnabled(!m_rows.empty());
    m_save->setEnabled(!m_rows.empty());
}

double MeterDialog::figureOf(const core::MeterRow& row) const
{
    switch (m_figure->currentData().toInt()) {
    case Subspace:
        return row.subspaceError;
    case Reconstruction:
        return row.reconstructionError;
    case Init:
        return row.initError;
    default:
        return row.projectedSeconds;
    }
}

void MeterDialog::showRows()
{
    showTable();
    showPlot();
}

void MeterDialog::showTable()
{
    std::set<std::int64_t> ranks;
    std::set<std::int64_t> oversamplings;
    for (const core::MeterRow& row : m_rows) {
        ranks.insert(row.rank);
        if (!row.exact) {
            oversamplings.insert(row.oversampling);
        }
    }
    QStringList columns;
    for (const std::int64_t rank : ranks) {
        columns.append(tr("r = %1").arg(rank));
    }
    QStringList rows;
    const bool several = oversamplings.size() > 1;
    const bool withExact = m_figure->currentData().toInt() == Time; // its errors are zero
    for (const core::MeterRow& row : m_rows) {
        const QString name = methodOf(row, several);
        if ((!row.exact || withExact) && !rows.contains(name)) {
            rows.append(name);
        }
    }
    m_table->clear();
    m_table->setColumnCount(static_cast<int>(columns.size()));
    m_table->setRowCount(static_cast<int>(rows.size()));
    m_table->setHorizontalHeaderLabels(columns);
    m_table->setVerticalHeaderLabels(rows);
    for (const core::MeterRow& row : m_rows) {
        const auto line = rows.indexOf(methodOf(row, several));
        if (line >= 0) {
            m_table->setItem(static_cast<int>(line),
                             static_cast<int>(std::distance(ranks.begin(), ranks.find(row.rank))),
                             new QTableWidgetItem(formatNumber(figureOf(row), 3)));
        }
    }
}

// A curve a rank: each power iteration costs time and takes away error.
void MeterDialog::showPlot()
{
    const bool time = m_figure->currentData().toInt() == Time;
    QVector<PlotSeries> all;
    std::set<std::pair<std::int64_t, std::int64_t>> curves; // rank, oversampling
    for (const core::MeterRow& row : m_rows) {
        if (!row.exact) {
            curves.insert({row.rank, row.oversampling});
        }
    }
    const bool several = !curves.empty()
        && std::any_of(curves.begin(), curves.end(),
                       [&](const auto& one) { return one.second != curves.begin()->second; });
    for (const auto& [rank, oversampling] : curves) {
        PlotSeries series;
        series.label =
            several ? tr("r = %1, p = %2").arg(rank).arg(oversampling) : tr("r = %1").arg(rank);
        series.color = Theme::instance().neutral(static_cast<double>(all.size())
                                                 / static_cast<double>(curves.size()));
        series.labelOnLine = true;
        series.markers = true;
        std::vector<std::pair<double, double>> points;
        for (const core::MeterRow& row : m_rows) {
            if (!row.exact && row.rank == rank && row.oversampling == oversampling) {
                points.emplace_back(time ? row.niter : row.projectedSeconds, figureOf(row));
            }
        }
        std::sort(points.begin(), points.end());
        for (const auto& [x, y] : points) {
            series.x.append(x);
            series.y.append(y > 0.0 ? y : std::numeric_limits<double>::quiet_NaN());
        }
        all.append(series);
    }
    m_plot->setAxisTitles(
        time ? tr("power iterations") : tr("seconds for the whole model, one thread"), {});
    m_plot->setSeries(all);
    m_plot->resetView();
}

void MeterDialog::save()
{
    const auto write = [this](const QString& path) {
        const bool csv = path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive);
        saveOutput(
            this, path,
            [csv, rows = m_rows] {
                return QByteArray::fromStdString(csv ? core::meterToCsv(rows)
                                                     : core::meterToMarkdown(rows));
            },
            [this, path](const QString& problem) {
                m_line->setText(problem.isEmpty() ? tr("Saved as %1").arg(path) : problem);
            });
    };
    askToSave(this, tr("Save the measurement"), QStringLiteral("fast_svd.md"),
              tr("Markdown, as the paper's table 6 (*.md);;CSV (*.csv)"), write);
}

} // namespace pissarro::ui
