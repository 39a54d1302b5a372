// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/pair_view.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/compare/matrix_plots.h"
#include "ui/pages/compare/pair_figures_model.h"
#include "ui/pages/compare/update_maps_card.h"
#include "ui/services/services.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/page_splitter.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kRowHeight = 24; // px

// Asks for no more height than it needs: else the verdict's wrapped lines make the page as high as all that it would like,
// and a low window scrolls at once.
class Low : public QWidget {
public:
    explicit Low(QWidget* content)
    {
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(content);
    }
    QSize sizeHint() const override { return minimumSizeHint(); }
};

// "PiSSA r16", of another program's its name.
QString titleOfRun(const ComparedRun& run)
{
    return run.own ? runTitle(run.own->spec) : run.name;
}

} // namespace

PairView::PairView(Services& services, QWidget* parent)
    : QWidget(parent)
    , m_services(services)
    , m_card(new PairCard)
    , m_maps(new UpdateMapsCard)
    , m_angles(new AnglesCard)
    , m_spectra(new PairSpectraCard)
    , m_figures(new PairFiguresModel(this))
    , m_table(new QTableView)
{
    m_angles->setMinimumSize(scaled(190), scaled(170));
    m_spectra->setMinimumSize(scaled(190), scaled(170));
    QSplitter* plots = pageSplitter("pair.plots", Qt::Horizontal, m_angles, m_spectra, {300, 300});
    QSplitter* right = pageSplitter("pair.rows", Qt::Vertical, plots, buildFigures(), {400, 260});
    QSplitter* columns = pageSplitter("pair.columns", Qt::Horizontal, m_maps, right, {620, 620});
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(kGap);
    all->addWidget(m_card);
    all->addWidget(new Low(columns), 1);
    connect(m_card, &PairCard::chosen, this, [this] {
        showLooks();
        compare();
        Q_EMIT pairChosen();
    });
    connect(m_card, &PairCard::cancelled, &m_services.pair, &RunPair::cancel);
    connect(m_maps, &UpdateMapsCard::matrixChosen, this, &PairView::lookAtMatrix);
    connect(m_maps, &UpdateMapsCard::stepChosen, this, &PairView::lookAtMatrix);
    connect(m_maps, &UpdateMapsCard::ranksWanted, this, &PairView::ranksWanted);
    connect(&m_services.pair, &RunPair::changed, this, &PairView::showPair);
    connect(&m_services.pair, &Service::stateChanged, this,
            [this] { m_card->show(m_services.pair, m_titles); });
    connect(&m_services.pair, &RunPair::matrixChanged, this, &PairView::showMatrix);
    showPair();
}

QWidget* PairView::buildFigures()
{
    auto* card = new Card(tr("Figures"));
    card->setSubtitle(tr("at the start, at the end"));
    card->setMinimumHeight(scaled(140));
    m_table->setObjectName(QStringLiteral("pair.figures"));
    m_table->setAccessibleName(tr("Figures of both runs, and their differences"));
    m_table->setModel(m_figures);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(PairFiguresModel::Name, QHeaderView::Stretch);
    for (const int column :
         {PairFiguresModel::A, PairFiguresModel::B, PairFiguresModel::Difference}) {
        m_table->setItemDelegateForColumn(column, new FigureDelegate(m_table));
        m_table->horizontalHeader()->resizeSection(column, scaled(92));
    }
    auto* copy = new QPushButton(tr("Copy"));
    copy->setObjectName(QStringLiteral("pair.copy"));
    copy->setAccessibleName(tr("Copy the figures as CSV"));
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_figures->csv()); });
    card->addTitleWidget(copy);
    card->body()->addWidget(m_table, 1);
    return card;
}

void PairView::setRuns(const QVector<ComparedRun>& runs, const QStringList& beside)
{
    m_runs = runs;
    m_beside = beside;
    QVector<PairCard::Choice> choices;
    for (const ComparedRun& run : runs) {
        const QColor color =
            run.own ? methodColor(run.own->spec.method) : Theme::instance().colors().muted;
        choices.append(
            {run.run.path,
             run.own ? tr("%1 · %2", "a run's recipe and its folder").arg(titleOfRun(run), run.name)
                     : run.name,
             color});
    }
    const QStringList was = pair();
    m_card->setChoices(choices);
    if (was.size() == 2) {
        m_card->setPair(was[0], was[1]);
    }
    showLooks();
}

void PairView::setPair(const QString& a, const QString& b)
{
    m_card->setPair(a, b);
    showLooks();
}

QStringList PairView::pair() const
{
    return {m_card->path(0), m_card->path(1)};
}

const ComparedRun* PairView::runOf(int side) const
{
    const QString path = m_card->path(side);
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [&path](const ComparedRun& one) {
        return one.run.path == path;
    });
    return path.isEmpty() || found == m_runs.end() ? nullptr : &*found;
}

// Names and colours; of two runs of one method the second is a shade of it.
void PairView::showLooks()
{
    std::array<UpdateMapsCard::Look, 2> looks;
    for (int side = 0; side < 2; ++side) {
        const auto place = static_cast<std::size_t>(side);
        const ComparedRun* run = runOf(side);
        looks[place].title = run == nullptr ? QString() : titleOfRun(*run);
        looks[place].color = run != nullptr && run->own ? methodColor(run->own->spec.method)
                                                        : Theme::instance().colors().muted;
    }
    if (looks[0].color == looks[1].color) {
        looks[1].color = Theme::mixed(looks[0].color, Theme::instance().colors().text, 0.5);
    }
    if (looks[0].title == looks[1].title) { // told apart by their letter, as everywhere here
        looks[0].title = tr("A, %1").arg(looks[0].title);
        looks[1].title = tr("B, %1").arg(looks[1].title);
    }
    m_titles = {looks[0].title, looks[1].title};
    m_figures->setTitles(m_titles[0], m_titles[1]);
    m_maps->setLooks(looks);
    m_angles->setLooks(looks);
    m_spectra->setLooks(looks);
    m_card->show(m_services.pair, m_titles);
}

void PairView::showTheme()
{
    showLooks();
    showMatrix();
}

void PairView::compare()
{
    const QStringList chosen = pair();
    m_services.pair.compare(chosen[0], chosen[1], m_beside);
    m_card->show(m_services.pair, m_titles);
}

void PairView::setEvaluations(const QStringList& folders)
{
    m_card->setEvaluations(folders);
    m_services.pair.setEvaluations(folders);
}

void PairView::swap()
{
    const QStringList chosen = pair();
    if (chosen[0].isEmpty() || chosen[1].isEmpty()) {
        return;
    }
    m_card->setPair(chosen[1], chosen[0]);
    m_services.pair.swap();
    showLooks();
    Q_EMIT pairChosen();
}

void PairView::moveStep(int by)
{
    m_maps->moveStep(by);
}

void PairView::showPair()
{
    const RunPair& pair = m_services.pair;
    m_card->show(pair, m_titles);
    m_maps->show(pair);
    m_figures->show(pair);
    showMatrix();
    // The first matrix is looked at once its run is known, and again where a side has come since.
    lookAtMatrix();
    const QString fault = pair.findings().fault ? messageText(*pair.findings().fault) : QString();
    if (std::exchange(m_told, fault) != fault && !fault.isEmpty()) {
        Q_EMIT faultFound(fault);
    }
}

void PairView::lookAtMatrix()
{
    const RunPair& pair = m_services.pair;
    const QString module = m_maps->module();
    const std::int64_t step = m_maps->step();
    QString asked = module + QLatin1Char('@') + QString::number(step);
    for (int side = 0; side < 2; ++side) {
        const bool known = pair.side(side).placeOf(module) >= 0;
        asked += known ? QLatin1Char('|') + textOf(pair.side(side).run.path) : QStringLiteral("|");
    }
    if (module.isEmpty() || step == 0) {
        m_lookedAt.clear(); // it begins anew
    } else if (std::exchange(m_lookedAt, asked) != asked) {
        m_services.pair.look(module, step);
    }
    showMatrix();
}

void PairView::showMatrix()
{
    m_angles->show(m_services.pair, m_maps->module(), m_maps->step());
    m_spectra->show(m_services.pair, m_maps->module());
}

} // namespace pissarro::ui
