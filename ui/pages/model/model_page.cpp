// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/model_page.h"

#include "core/base/error.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/model/first_screen.h"
#include "ui/pages/model/models_view.h"
#include "ui/pages/model/module_tree_model.h"
#include "ui/pages/model/recent_list.h"
#include "ui/pages/model/summary_card.h"
#include "ui/pages/model/tokenizer_card.h"
#include "ui/plot/sparkline.h"
#include "ui/services/demo_order.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedLayout>
#include <QTreeView>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kSparkWidth = 96; // px
constexpr int kTreeWidth = 560; // px, all columns

// The singular values of a row as a curve the size of a word.
class SparklineDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const auto values = index.data(ModuleTreeModel::kValuesRole).value<QVector<double>>();
        if (!values.isEmpty()) {
            paintSparkline(*painter,
                           QRectF(option.rect.left() + 8, option.rect.top() + 3,
                                  scaled(kSparkWidth), option.rect.height() - 7),
                           {values.begin(), values.end()}, Theme::instance().neutral(0.3));
        }
    }
};

} // namespace

ModelPage::ModelPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_tree(new ModuleTreeModel(this))
    , m_found(new QSortFilterProxyModel(this))
    , m_view(new QTreeView)
    , m_treeCard(new Card(tr("Modules")))
    , m_summary(new SummaryCard)
    , m_tokenizer(new TokenizerCard)
    , m_recent(new RecentList(services.recent, QStringLiteral("model.recent")))
    , m_empty(new FirstScreen(services))
    , m_models(new ModelsView(services))
    , m_content(buildContent())
    , m_pages(new QStackedLayout(this))
{
    QScrollArea* first = scrollColumn(m_empty);
    first->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded); // of large text
    m_pages->addWidget(first);
    m_pages->addWidget(m_content);
    m_pages->addWidget(m_models);
    connectFirst();
    buildAtHand();
    connect(m_recent, &RecentList::chosen, this, &Page::openRequested);
    connect(&m_services.model, &Model::opened, this, &ModelPage::showModel);
    connect(&m_services.spectra, &Spectra::arrived, this, [this](const QStringList& arrived) {
        if (isVisible()) {
            showSpectra(arrived);
        } else {
            whenInSight("spectra", [this] { showSpectra(m_services.spectra.all().keys()); });
        }
    });
    connect(&m_services.spectra, &Spectra::stateChanged, this, &ModelPage::showProgress);
    connect(&Theme::instance(), &Theme::changed, m_view->viewport(), qOverload<>(&QWidget::update));
    showSight(First);
    if (m_services.model.files()) {
        showModel();
    } else if (!m_services.recent.models().isEmpty()) { // somebody was here before
        showSight(AtHand);
    }
}

void ModelPage::connectFirst()
{
    connect(m_empty, &FirstScreen::chooseRequested, this, [this] { Q_EMIT openRequested({}); });
    connect(m_empty, &FirstScreen::openRequested, this, &Page::openRequested);
    connect(m_empty, &FirstScreen::demoRequested, this, &ModelPage::runDemo);
    connect(m_empty, &FirstScreen::backRequested, this, &ModelPage::showModel);
    connect(m_empty, &FirstScreen::modelsRequested, this, &ModelPage::showModelsAtHand);
}

void ModelPage::buildAtHand()
{
    connect(m_models, &ModelsView::openRequested, this, &Page::openRequested);
    connect(m_models, &ModelsView::backRequested, this, &ModelPage::showModel);
    connect(m_models, &ModelsView::firstStepsRequested, this, [this] { take({}); });
    connect(m_models, &ModelsView::failed, this, &Page::failed);
    addActionSeparator(this);
    QAction* all = addPageAction(this, QStringLiteral("model.allAction"), tr("&Models at hand"),
                                 Qt::CTRL | Qt::SHIFT | Qt::Key_M, [this] { showModelsAtHand(); });
    all->setWhatsThis(tr("The models on this machine, where they lie and whether they can be "
                         "trained here"));
    addActions(m_models->actions());
}

// What is out of sight has no keys.
void ModelPage::showSight(Sight sight)
{
    m_pages->setCurrentIndex(sight);
    for (QAction* action : m_models->actions()) {
        action->setVisible(sight == AtHand);
    }
    updateGeometry();
}

void ModelPage::showModelsAtHand()
{
    m_models->setBack(m_services.model.files() != nullptr);
    showSight(AtHand);
}

QWidget* ModelPage::buildContent()
{
    m_view->setObjectName(QStringLiteral("model.tree"));
    m_view->setAccessibleName(tr("Layers and modules"));
    m_found->setSourceModel(m_tree);
    m_found->setRecursiveFilteringEnabled(true);
    m_found->setAutoAcceptChildRows(true);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_view->setModel(m_found);
    m_view->setUniformRowHeights(true);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setAlternatingRowColors(false);
    m_view->setAllColumnsShowFocus(true);
    m_view->setItemDelegateForColumn(ModuleTreeModel::Parameters, new FigureDelegate(m_view));
    m_view->setItemDelegateForColumn(ModuleTreeModel::Sigma, new SparklineDelegate(m_view));
    QHeaderView* header = m_view->header();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(ModuleTreeModel::Name, QHeaderView::Stretch);
    header->resizeSection(ModuleTreeModel::Shape, scaled(112));
    header->resizeSection(ModuleTreeModel::DType, scaled(72));
    header->resizeSection(ModuleTreeModel::Parameters, scaled(98));
    header->resizeSection(ModuleTreeModel::Sigma, scaled(kSparkWidth + 18));
    header->setMinimumSectionSize(scaled(60));
    m_view->setMinimumWidth(scaled(kTreeWidth));
    m_treeCard->addTitleWidget(buildFind());
    m_treeCard->body()->addWidget(m_view, 1);

    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_summary);
    column->addWidget(m_tokenizer, 1);
    column->addWidget(buildRecent());

    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setObjectName(QStringLiteral("model.splitter"));
    splitter->setHandleWidth(12);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_treeCard);
    splitter->addWidget(right);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 0);
    splitter->setSizes({900, scaled(360)});
    right->setMinimumWidth(scaled(300));
    return splitter;
}

QWidget* ModelPage::buildRecent()
{
    auto* card = new Card(tr("Recent models"));
    auto* all = new QPushButton(tr("All models…"));
    all->setObjectName(QStringLiteral("model.all"));
    all->setAccessibleName(tr("All models at hand"));
    all->setToolTip(tr("The models on this machine (Ctrl+Shift+M)"));
    all->setProperty("kind", QByteArray("link"));
    connect(all, &QPushButton::clicked, this, &ModelPage::showModelsAtHand);
    card->addTitleWidget(all);
    card->body()->addWidget(m_recent);
    card->body()->addStretch(1);
    return card;
}

QLineEdit* ModelPage::buildFind()
{
    auto* edit = new QLineEdit;
    edit->setObjectName(QStringLiteral("model.find"));
    edit->setAccessibleName(tr("Find modules"));
    edit->setPlaceholderText(tr("Find modules"));
    edit->setClearButtonEnabled(true);
    edit->setToolTip(tr("Part of a layer's or module's name (Ctrl+F)"));
    edit->setMaximumWidth(scaled(200));
    connect(edit, &QLineEdit::textChanged, this, &ModelPage::find);
    addPageAction(this, QStringLiteral("model.findAction"), tr("&Find modules"), QKeySequence::Find,
                  [this] { startFind(); });
    return edit;
}

// Of what is in sight: modules of the open model, or models.
void ModelPage::startFind()
{
    if (m_pages->currentIndex() == AtHand) {
        m_models->startSearch();
    } else if (auto* edit = findChild<QLineEdit*>(QStringLiteral("model.find"))) {
        edit->setFocus(Qt::ShortcutFocusReason);
        edit->selectAll();
    }
}

// What is found is unfolded; without a word the first layers alone are, as when the model was opened.
void ModelPage::find(const QString& text)
{
    m_found->setFilterFixedString(text.trimmed());
    if (!text.trimmed().isEmpty()) {
        m_view->expandAll();
        return;
    }
    m_view->collapseAll();
    unfoldFirst();
}

void ModelPage::unfoldFirst()
{
    for (int row = 0; row < std::min(3, m_found->rowCount()); ++row) {
        m_view->expand(m_found->index(row, 0)); // the first layers show what is below the others
    }
}

void ModelPage::take(const QVariant& /*with*/)
{
    m_empty->setBack(m_services.model.files() != nullptr);
    showSight(First);
}

// Where no small model is at hand a person chooses one.
void ModelPage::runDemo()
{
    const QString model = findDemoModel(m_services.recent.models());
    if (model.isEmpty()) {
        Q_EMIT noticed(
            {tr("Which model shall the demo train?"),
             tr("None that is small enough was found here. Open one, and press the button "
                "again: those opened last are looked through."),
             tr("Open model…"), [this] { Q_EMIT openRequested({}); }});
        return;
    }
    try {
        Q_EMIT go(QStringLiteral("train"), QVariant::fromValue(demoOrder(model, demoData())));
    } catch (const core::Error& error) {
        Q_EMIT failed({tr("The demo did not begin"), {}, QString::fromUtf8(error.what())});
    }
}

// Of what is in sight: the first screen needs less than the modules of a model.
QSize ModelPage::minimumSizeHint() const
{
    return m_pages->currentWidget()->minimumSizeHint();
}

// A low window keeps the facts and the tokenizer; the File menu has the other recent models.
void ModelPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    m_recent->setMostRows(height() < scaled(640) ? 1 : height() < scaled(800) ? 3 : 5);
}

void ModelPage::showModel()
{
    const auto model = m_services.model.files();
    m_tree->setModel(model);
    m_summary->showModel(m_services);
    m_tokenizer->setTokenizer(m_services.model.tokenizer(), m_services.model.tokenizerProblem());
    showSight(model ? Content : First);
    if (!model) {
        return;
    }
    showSpectra(m_services.spectra.all().keys());
    unfoldFirst();
}

void ModelPage::showSpectra(const QStringList& arrived)
{
    m_tree->setSpectra(m_services.spectra.all(), arrived);
    showProgress();
}

void ModelPage::showProgress()
{
    if (const auto model = m_services.model.files()) {
        const std::int64_t layers = model->config().layers;
        const std::int64_t total = m_services.spectra.total();
        m_treeCard->setSubtitle(
            QStringList {tr("%1 layers", nullptr, pluralOf(layers)).arg(formatCount(layers)),
                         tr("spectra of %1 of %2 matrices", nullptr, pluralOf(total))
                             .arg(formatCount(m_services.spectra.all().size()), formatCount(total))}
                .join(QStringLiteral(" · ")));
    }
}

} // namespace pissarro::ui
