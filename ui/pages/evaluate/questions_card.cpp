// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/questions_card.h"

#include "core/evaluate/evaluated_tasks.h"
#include "ui/look/metrics.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <QEvent>
#include <QFontMetrics>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 28; // px
constexpr int kLeastQuestion = 150; // px
constexpr int kCutQuestion = 96; // px, of one that is cut further before the table scrolls
constexpr int kLeastCell = 56;
constexpr int kMostCell = 148;
constexpr int kCellRoom = 24; // px, around the text of a cell
constexpr int kSeenRows = 200; // whose texts give a column its width

// Whether a rule tells which answers are right.
bool hasRules(const TaskPicturePtr& task)
{
    return !task
        || (task->task() != fromView(core::kPerplexity)
            && task->task() != fromView(core::kMtBench));
}

// The places of a pair's two models.
std::pair<int, int> placesOf(const TaskPicture& task, int pair)
{
    const auto& pairs = task.evaluation.summary.pairs;
    if (pair < 0 || pair >= static_cast<int>(pairs.size())) {
        return {-1, -1};
    }
    const auto placeOf = [&task](const std::string& name) {
        const auto& models = task.evaluation.spec.models;
        const auto found = std::find_if(models.begin(), models.end(),
                                        [&name](const auto& model) { return model.name == name; });
        return static_cast<int>(found - models.begin());
    };
    const core::ModelPair& two = pairs[static_cast<std::size_t>(pair)];
    return {placeOf(two.a), placeOf(two.b)};
}

} // namespace

QuestionsCard::QuestionsCard(QWidget* parent)
    : Card(tr("Questions"), parent)
    , m_model(new QuestionsModel(this))
    , m_filter(new SegmentedControl(
          QStringLiteral("evaluate.filter"), tr("Which questions"),
          {tr("all"), tr("only A right"), tr("only B right"), tr("both"), tr("neither")}))
    , m_words(new QLineEdit)
    , m_view(new QTableView)
{
    m_words->setObjectName(QStringLiteral("evaluate.find"));
    m_words->setAccessibleName(tr("Find in questions and answers"));
    m_words->setPlaceholderText(tr("Find"));
    m_words->setToolTip(tr("Find in questions and answers (Ctrl+F)"));
    m_words->setClearButtonEnabled(true);
    m_words->setMaximumWidth(scaled(140));
    addTitleWidget(m_words);
    body()->addWidget(m_filter, 0, Qt::AlignLeft);
    m_view->setObjectName(QStringLiteral("evaluate.questions"));
    m_view->setAccessibleName(tr("Questions"));
    m_view->setModel(m_model);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_view->setShowGrid(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setTextElideMode(Qt::ElideRight);
    m_view->setWordWrap(false);
    m_view->setTabKeyNavigation(false);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->setItemDelegateForColumn(QuestionsModel::Number, new FigureDelegate(m_view));
    m_view->setMinimumHeight(scaled(4 * kRowHeight));
    m_view->viewport()->installEventFilter(this);
    body()->addWidget(m_view, 1);
    connect(m_filter, &SegmentedControl::changed, this,
            [this](int index) { setFilter(static_cast<AnswerFilter>(index)); });
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString& words) {
        m_model->setWords(words);
        keepChosen();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (const AskedQuestion* question = m_model->questionAt(now.row())) {
                    m_index = question->index;
                    Q_EMIT questionChosen();
                }
            });
    showFilters();
}

void QuestionsCard::showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks,
                             int pair)
{
    const bool isOther = (m_task ? m_task->folder : QString()) != (task ? task->folder : QString());
    m_index = isOther ? -1 : m_index;
    m_task = task;
    m_pair = pair;
    const int columns = m_model->columnCount();
    const int scrolled = m_view->verticalScrollBar()->value();
    {
        const QSignalBlocker quiet(m_view->selectionModel()); // chosen again below
        m_model->showTask(task, looks, task ? placesOf(*task, pair) : std::pair(-1, -1));
    }
    m_view->setColumnHidden(QuestionsModel::Gold,
                            !m_model->hasGold() && m_model->count(AnswerFilter::All) > 0);
    if (columns != m_model->columnCount() || isOther) {
        m_widest.clear();
    }
    fitColumns();
    m_filter->setVisible(hasRules(task));
    if (!hasRules(task)) { // a filter that is not seen hides nothing
        setFilter(AnswerFilter::All);
    }
    showFilters();
    keepChosen(isOther);
    if (!isOther) { // nothing jumps while answers come
        m_view->verticalScrollBar()->setValue(scrolled);
    }
}

void QuestionsCard::fitColumns()
{
    const QFontMetrics metrics(m_view->font());
    m_widest.resize(m_model->columnCount()); // so far: none becomes narrower while answers come
    QVector<int> widths(m_model->columnCount(), 0);
    const int narrowest = m_view->horizontalHeader()->minimumSectionSize(); // narrower none becomes
    const int least = std::max(narrowest, scaled(kLeastCell));
    int others = 0; // all but the question
    for (int column = 0; column < m_model->columnCount(); ++column) {
        if (column == QuestionsModel::Question || m_view->isColumnHidden(column)) {
            continue;
        }
        int& widest = m_widest[column];
        widest =
            std::max(widest,
                     metrics.horizontalAdvance(
                         m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()));
        for (int row = 0; row < std::min(m_model->rowCount(), kSeenRows); ++row) {
            widest = std::max(
                widest,
                metrics.horizontalAdvance(
                    m_model->data(m_model->index(row, column), Qt::DisplayRole).toString()));
        }
        widths[column] = std::clamp(widest + scaled(kCellRoom),
                                    column == QuestionsModel::Number ? narrowest : least,
                                    std::max(least, scaled(kMostCell)));
        others += widths[column];
    }
    // Where there is little room the models' columns give of theirs before the question is gone.
    const int all = m_view->viewport()->width();
    const int lacking = others + scaled(kLeastQuestion) - all;
    const auto models = std::max(1, static_cast<int>(widths.size()) - QuestionsModel::FirstModel);
    const int share =
        (lacking + models - 1) / models; // rounded up, or the table scrolls by the rest
    for (int column = QuestionsModel::FirstModel; lacking > 0 && column < widths.size(); ++column) {
        const int narrower = std::max(std::min(widths[column], least), widths[column] - share);
        others -= widths[column] - narrower;
        widths[column] = narrower;
    }
    const int rest = all - others;
    widths[QuestionsModel::Question] =
        rest >= scaled(kCutQuestion) ? rest : std::max(rest, scaled(kLeastQuestion));
    for (int column = 0; column < widths.size(); ++column) {
        if (!m_view->isColumnHidden(column)) {
            m_view->setColumnWidth(column, widths[column]);
        }
    }
}

// The scroll bar takes of the room too.
bool QuestionsCard::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize && m_task) {
        fitColumns();
    }
    return Card::eventFilter(watched, event);
}

void QuestionsCard::setFilter(AnswerFilter filter)
{
    if (filter == m_model->filter()) {
        return;
    }
    {
        const QSignalBlocker quiet(m_filter);
        m_filter->setCurrent(static_cast<int>(filter));
    }
    m_model->setFilter(filter);
    keepChosen();
    Q_EMIT filterChosen(filter);
}

void QuestionsCard::keepChosen(bool inSight)
{
    const int before = m_model->rowOf(m_index);
    const int row = before >= 0 ? before : 0;
    const QSignalBlocker quiet(m_view->selectionModel());
    if (const AskedQuestion* question = m_model->questionAt(row)) {
        m_index = question->index;
        m_view->selectionModel()->setCurrentIndex(m_model->index(row, 0),
                                                  QItemSelectionModel::ClearAndSelect
                                                      | QItemSelectionModel::Rows);
        if (inSight) {
            m_view->scrollTo(m_model->index(row, 0));
        }
    }
    m_view->viewport()->update();
    Q_EMIT questionChosen();
}

const AskedQuestion* QuestionsCard::chosen() const
{
    return m_model->questionAt(m_model->rowOf(m_index));
}

void QuestionsCard::walk(int by)
{
    const int row = m_model->rowOf(m_index) + by;
    if (row >= 0 && row < m_model->rowCount()) {
        m_view->setCurrentIndex(m_model->index(row, 0));
    }
}

void QuestionsCard::find()
{
    m_words->setFocus(Qt::ShortcutFocusReason);
    m_words->selectAll();
}

void QuestionsCard::showFilters()
{
    QString a = tr("A");
    QString b = tr("B");
    const bool isPair = m_task && placesOf(*m_task, m_pair).first >= 0;
    if (isPair) {
        const auto& pair = m_task->evaluation.summary.pairs[static_cast<std::size_t>(m_pair)];
        a = QString::fromStdString(pair.a);
        b = QString::fromStdString(pair.b);
    }
    setSubtitle(m_task && m_task->task() == fromView(core::kPerplexity)
                    ? tr("mean loss, nats a token")
                    : isPair ? tr("A: %1, B: %2").arg(a, b)
                             : QString());
    const auto number = [this](AnswerFilter filter) { return formatCount(m_model->count(filter)); };
    m_filter->setLabel(0, tr("all %1").arg(number(AnswerFilter::All)));
    m_filter->setLabel(1, tr("only A %1").arg(number(AnswerFilter::OnlyA)));
    m_filter->setLabel(2, tr("only B %1").arg(number(AnswerFilter::OnlyB)));
    m_filter->setLabel(3, tr("both %1").arg(number(AnswerFilter::Both)));
    m_filter->setLabel(4, tr("neither %1").arg(number(AnswerFilter::None)));
    const QString tips[] {tr("All questions (1)"), tr("Only %1 is right (2)").arg(a),
                          tr("Only %1 is right (3)").arg(b), tr("Both are right (4)"),
                          tr("Neither is right (5)")};
    for (int i = 0; i < kAnswerFilters; ++i) {
        m_filter->setSegmentEnabled(i, i == 0 || isPair, tips[i]);
    }
}

} // namespace pissarro::ui
