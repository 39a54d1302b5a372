// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/models_view.h"

#include "ui/look/metrics.h"
#include "ui/pages/model/chosen_model_card.h"
#include "ui/pages/model/filter_chips.h"
#include "ui/pages/model/models_tree.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr qsizetype kArchitectures = 6; // that have a chip
constexpr qsizetype kShownNotes = 20; // in a tool tip
const QString kArchitecture = QStringLiteral("architecture ");
const QString kSize = QStringLiteral("size ");
const QString kStorage = QStringLiteral("storage ");
const QString kFits = QStringLiteral("fits");

enum Group { OfMemory, OfArchitecture, OfSize, OfStorage }; // of chips

} // namespace

ModelsView::ModelsView(Services& services, QWidget* parent)
    : QWidget(parent)
    , m_services(services)
    , m_model(new ModelsModel(this))
    , m_tree(new ModelsTree(m_model))
    , m_search(new QLineEdit)
    , m_chips(new FilterChips(QStringLiteral("model.models.chips"), tr("Which models are shown")))
    , m_order(new QComboBox)
    , m_chosen(new ChosenModelCard)
    , m_none(new QLabel)
    , m_notes(new QLabel)
    , m_back(new QPushButton(tr("Back to the model")))
{
    setObjectName(QStringLiteral("model.models"));
    setAccessibleName(tr("Models at hand"));
    buildActions();
    QSplitter* split =
        pageSplitter("model.models.columns", Qt::Horizontal, buildList(), buildSide(), {860, 370});
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 0);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(split);
    connect(&m_services.modelsAtHand, &ModelsAtHand::changed, this, [this] {
        if (isVisible()) {
            showModels();
        }
    });
    connect(&m_services.modelsAtHand, &ModelsAtHand::stateChanged, this, &ModelsView::showState);
    connect(&m_services.modelsAtHand, &ModelsAtHand::spectraKnown, this,
            [this](const QString& path) {
                const core::ListedModel* const model = m_tree->currentModel();
                if (model != nullptr && textOf(model->path) == path) {
                    m_chosen->showSpectra(m_services.modelsAtHand.spectraOf(path));
                }
            });
    connect(m_tree, &ModelsTree::chosen, this, &ModelsView::showChosen);
    connect(m_tree, &ModelsTree::openAsked, this, &ModelsView::open);
    connect(m_tree, &ModelsTree::typed, this, [this](const QString& text) {
        m_search->setFocus(Qt::ShortcutFocusReason);
        m_search->insert(text);
    });
    connect(m_tree, &ModelsTree::orderAsked, this,
            [this](ModelsOrder order) { m_order->setCurrentIndex(static_cast<int>(order)); });
    connect(m_tree, &QWidget::customContextMenuRequested, this, &ModelsView::showMenu);
    connect(m_chosen->openButton(), &QPushButton::clicked, this, &ModelsView::open);
    showModels();
    showChosen();
}

void ModelsView::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            void (ModelsView::*run)()) {
        return addPageAction(this, QLatin1String(name), text, keys,
                             [this, run] { (this->*run)(); });
    };
    m_add = add("model.models.add", tr("&Add folder…"), Qt::CTRL | Qt::SHIFT | Qt::Key_A,
                &ModelsView::chooseFolder);
    m_add->setWhatsThis(tr("Add a folder with models to those that are looked through"));
    m_again = addPageAction(this, QStringLiteral("model.models.again"), tr("&Rescan"),
                            QKeySequence::Refresh, [this] { look(true); });
    m_again->setWhatsThis(tr("Read the headers of all models again"));
    m_stop = addPageAction(this, QStringLiteral("model.models.stop"), tr("&Stop"),
                           Qt::CTRL | Qt::Key_Period, [this] { m_services.modelsAtHand.stop(); });
    m_stop->setWhatsThis(tr("Stop reading; what was found stays"));
    m_reveal = add("model.models.reveal", tr("Show in &folder"), Qt::CTRL | Qt::SHIFT | Qt::Key_E,
                   &ModelsView::showInFolder);
    m_copy = add("model.models.copy", tr("&Copy path"), Qt::CTRL | Qt::SHIFT | Qt::Key_P,
                 &ModelsView::copyPath);
    m_forget =
        add("model.models.forget", tr("F&orget"), QKeySequence::Delete, &ModelsView::forgetChosen);
    m_forget->setWhatsThis(
        tr("Takes the model from those opened last, or its folder from those added by hand; "
           "nothing on disk changes"));
}

QWidget* ModelsView::buildSearch()
{
    m_search->setObjectName(QStringLiteral("model.models.search"));
    m_search->setAccessibleName(tr("Look for models"));
    m_search->setPlaceholderText(tr("Name, author, path"));
    m_search->setToolTip(tr("All words must hold: parts of the name, author, path, architecture or "
                            "type (Ctrl+F); Escape clears"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, &ModelsView::takeFilter);
    m_order->setObjectName(QStringLiteral("model.models.order"));
    m_order->setAccessibleName(tr("Order of the models"));
    m_order->setToolTip(tr("Order of the models; a click on the head of a column is another"));
    m_order->addItems({tr("by place"), tr("by name"), tr("by parameters"), tr("by size on disk"),
                       tr("by memory"), tr("newest first")});
    connect(m_order, &QComboBox::currentIndexChanged, this,
            [this](int place) { m_model->setOrder(static_cast<ModelsOrder>(place)); });
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_search, 1);
    row->addWidget(m_order);
    auto* made = new QWidget;
    auto* column = new QVBoxLayout(made);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(row);
    column->addWidget(m_chips);
    connect(m_chips, &FilterChips::changed, this, &ModelsView::takeFilter);
    return made;
}

QWidget* ModelsView::buildList()
{
    m_card = new Card(tr("Models at hand"));
    m_back->setObjectName(QStringLiteral("model.models.back"));
    m_back->setAccessibleName(m_back->text());
    m_back->setToolTip(tr("What is open stays open all the while"));
    m_back->hide();
    connect(m_back, &QPushButton::clicked, this, &ModelsView::backRequested);
    m_card->addTitleWidget(m_back);
    m_card->addTitleWidget(buttonOf(m_add, QStringLiteral("model.models.addButton")));
    m_card->addTitleWidget(buttonOf(m_again, QStringLiteral("model.models.againButton")));
    m_card->addTitleWidget(buttonOf(m_stop, QStringLiteral("model.models.stopButton")));
    m_card->body()->setSpacing(8);
    m_card->body()->addWidget(buildSearch());
    m_empty = new EmptyState(QStringLiteral("model.models.empty"), QStringLiteral("model"),
                             tr("No models found"), tr("Add a folder that holds models."),
                             tr("Add folder…"));
    connect(m_empty, &EmptyState::acted, this, &ModelsView::chooseFolder);
    m_none->setObjectName(QStringLiteral("model.models.none"));
    m_none->setProperty("role", QByteArray("muted"));
    m_none->setAlignment(Qt::AlignCenter);
    m_none->setText(tr("No model holds all that is asked for: clear the search or switch filters "
                       "off."));
    m_none->setWordWrap(true);
    auto* middle = new QWidget;
    m_stack = new QStackedLayout(middle);
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_none);
    m_stack->addWidget(m_empty);
    m_card->body()->addWidget(middle, 1);
    m_notes->setObjectName(QStringLiteral("model.models.notes"));
    m_notes->setProperty("role", QByteArray("small"));
    m_notes->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_notes->hide();
    m_card->body()->addWidget(m_notes);
    return m_card;
}

QWidget* ModelsView::buildSide()
{
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(buttonOf(m_reveal, QStringLiteral("model.models.revealButton")));
    buttons->addWidget(buttonOf(m_copy, QStringLiteral("model.models.copyButton")));
    m_chosen->body()->insertLayout(m_chosen->body()->count() - 1, buttons);
    column->addWidget(m_chosen, 1);
    auto* first = new Card(tr("First time here?"));
    auto* steps = new QPushButton(tr("First steps and the demo"));
    steps->setObjectName(QStringLiteral("model.models.first"));
    steps->setAccessibleName(steps->text());
    steps->setToolTip(tr("What Pissarro answers, in three steps"));
    steps->setProperty("kind", QByteArray("link"));
    connect(steps, &QPushButton::clicked, this, &ModelsView::firstStepsRequested);
    first->body()->addWidget(steps, 0, Qt::AlignLeft);
    column->addWidget(first);
    side->setMinimumWidth(scaled(300));
    QScrollArea* scrolled = scrollColumn(side);
    scrolled->setMinimumWidth(scaled(312));
    return scrolled;
}

void ModelsView::setBack(bool on)
{
    m_back->setVisible(on);
}

void ModelsView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

// Arrows lead from the search into the list, Enter opens what is chosen there.
bool ModelsView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_search || event->type() != QEvent::KeyPress) {
        return QWidget::eventFilter(watched, event);
    }
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
        m_search->clear();
        return true;
    case Qt::Key_Down:
        m_tree->setFocus(Qt::TabFocusReason);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        open();
        return true;
    default:
        return QWidget::eventFilter(watched, event);
    }
}

void ModelsView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showModels();
    if (!m_services.modelsAtHand.isRunning()) {
        look(false);
    }
    m_search->setFocus(Qt::OtherFocusReason);
}

void ModelsView::look(bool afresh)
{
    const QStringList opened = m_services.recent.models();
    afresh ? m_services.modelsAtHand.rescan(opened) : m_services.modelsAtHand.look(opened);
}

QString ModelsView::summary() const
{
    const std::int64_t all = m_model->allCount();
    const std::int64_t places = m_model->placeCount();
    return QStringList {tr("%1 of %2 models", nullptr, pluralOf(all))
                            .arg(formatCount(m_model->shownCount()), formatCount(all)),
                        tr("in %1 places", nullptr, pluralOf(places)).arg(formatCount(places)),
                        formatBytes(static_cast<qint64>(m_model->allBytes())),
                        tr("nothing is downloaded")}
        .join(QStringLiteral(" · "));
}

void ModelsView::showModels()
{
    const ModelsAtHand& hand = m_services.modelsAtHand;
    m_model->setModels(hand.models(), hand.memoryBytes());
    showWishes();
    const auto notes = static_cast<std::int64_t>(hand.notes().size());
    m_notes->setText(
        tr("%1 entries were passed over: hover for the reasons", nullptr, pluralOf(notes))
            .arg(formatCount(notes)));
    m_notes->setToolTip(hand.notes().mid(0, kShownNotes).join(QLatin1Char('\n')));
    m_notes->setAccessibleDescription(m_notes->toolTip());
    m_notes->setVisible(notes > 0);
    showState();
}

void ModelsView::showState()
{
    const ModelsAtHand& hand = m_services.modelsAtHand;
    const bool isLooking = hand.isRunning();
    m_stop->setEnabled(isLooking);
    m_again->setEnabled(!isLooking);
    const bool isEmpty = m_model->allCount() == 0;
    m_card->setSubtitle(!isEmpty
                            ? isLooking ? tr("%1 · reading headers…").arg(summary()) : summary()
                            : isLooking ? tr("Looking for models…")
                                        : QString());
    QWidget* shown = m_empty;
    if (m_model->shownCount() > 0) {
        shown = m_tree;
    } else if (!isEmpty || isLooking) {
        shown = m_none;
    }
    m_stack->setCurrentWidget(shown);
    m_none->setText(isEmpty ? tr("Looking where other programs put models…")
                            : tr("No model holds all that is asked for: clear the search or switch "
                                 "filters off."));
    QStringList looked;
    for (const core::ListedPlace& place : hand.places()) {
        if (place.place.kind != core::PlaceKind::Opened) {
            looked.append(textOf(place.place.folder));
        }
    }
    if (isEmpty && !looked.isEmpty()) {
        m_empty->setToolTip(looked.join(QLatin1Char('\n')));
        m_notes->setText(tr("Looked in: %1").arg(looked.join(QStringLiteral(", "))));
        m_notes->setWordWrap(true);
        m_notes->show();
    }
}

// Chips of architectures come and go with the models; one that is on stays until it is switched off.
void ModelsView::showWishes()
{
    const QScopedValueRollback filling(m_isFilling, true);
    QVector<FilterChips::Wish> wishes;
    wishes.append({kFits,
                   tr("trains in %1").arg(formatBytes(m_services.modelsAtHand.memoryBytes())),
                   m_model->fitting(), OfMemory});
    qsizetype shown = 0;
    for (const ModelsModel::Facet& one : m_model->architectures()) {
        if (shown++ < kArchitectures || m_model->filter().architectures.contains(one.title)) {
            wishes.append({kArchitecture + one.title, one.title, one.count, OfArchitecture});
        }
    }
    const std::array sizes {std::pair {ModelsFilter::Small, tr("< 1 B")},
                            std::pair {ModelsFilter::Middle, tr("1–4 B")},
                            std::pair {ModelsFilter::Large, tr("> 4 B")}};
    for (const auto& [size, title] : sizes) {
        wishes.append({kSize + QString::number(size), title, m_model->countOf(size), OfSize});
    }
    const std::array storages {
        std::pair {core::Storage::BFloat16, tr("bf16")},
        std::pair {core::Storage::Float, tr("f16, f32")},
        std::pair {core::Storage::Blocks, tr("8 bits and fewer")},
    };
    for (const auto& [storage, title] : storages) {
        wishes.append({kStorage + QString::number(static_cast<int>(storage)), title,
                       m_model->countOf(storage), OfStorage});
    }
    m_chips->setWishes(m_model->allCount() > 0 ? wishes : QVector<FilterChips::Wish>());
}

void ModelsView::takeFilter()
{
    if (m_isFilling) {
        return;
    }
    ModelsFilter filter;
    filter.words = m_search->text();
    for (const QString& key : m_chips->chosen()) {
        if (key == kFits) {
            filter.fits = true;
        } else if (key.startsWith(kArchitecture)) {
            filter.architectures.insert(key.mid(kArchitecture.size()));
        } else if (key.startsWith(kSize)) {
            filter.sizes.insert(key.mid(kSize.size()).toInt());
        } else if (key.startsWith(kStorage)) {
            filter.storages.insert(key.mid(kStorage.size()).toInt());
        }
    }
    m_model->setFilter(filter);
    showWishes();
    showState();
}

void ModelsView::showChosen()
{
    const core::ListedModel* const model = m_tree->currentModel();
    m_chosen->showModel(model, m_services.modelsAtHand.memoryBytes());
    m_reveal->setEnabled(model != nullptr);
    m_copy->setEnabled(model != nullptr);
    m_forget->setEnabled(model != nullptr && canForget(*model));
    if (model != nullptr && model->canBeOpened() && isVisible()) {
        m_services.modelsAtHand.askSpectra(textOf(model->path));
    }
}

void ModelsView::open()
{
    const core::ListedModel* const model = m_tree->currentModel();
    if (model == nullptr) {
        return;
    }
    if (model->canBeOpened()) {
        Q_EMIT openRequested(textOf(model->path));
    } else {
        Q_EMIT failed({tr("Could not open %1").arg(QString::fromStdString(model->title())),
                       textOf(model->path), QString::fromStdString(model->problem)});
    }
}

void ModelsView::showInFolder()
{
    if (const core::ListedModel* const model = m_tree->currentModel()) {
        const QString path = textOf(model->path);
        const QString folder = model->isGguf ? QFileInfo(path).path() : path;
        const QString problem = openFolder(folder);
        if (!problem.isEmpty()) {
            Q_EMIT failed({tr("The folder was not opened"), folder, problem});
        }
    }
}

void ModelsView::copyPath()
{
    if (const core::ListedModel* const model = m_tree->currentModel()) {
        QGuiApplication::clipboard()->setText(textOf(model->path));
    }
}

bool ModelsView::canForget(const core::ListedModel& model) const
{
    return m_services.recent.models().contains(textOf(model.path))
        || m_services.modelsAtHand.folders().contains(textOf(model.place.folder));
}

void ModelsView::forgetChosen()
{
    const core::ListedModel* const model = m_tree->currentModel();
    if (model == nullptr) {
        return;
    }
    const QString path = textOf(model->path);
    const QString folder = textOf(model->place.folder);
    if (m_services.recent.models().contains(path)) {
        m_services.recent.removeModel(path);
        look(false);
    } else if (m_services.modelsAtHand.folders().contains(folder)) {
        m_services.modelsAtHand.removeFolder(folder);
    }
}

void ModelsView::chooseFolder()
{
    askForFolder(this, tr("Add a folder with models"),
                 [this](const QString& path) { m_services.modelsAtHand.addFolder(path); });
}

void ModelsView::showMenu(const QPoint& at)
{
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("model.models.menu"));
    menu.addActions({m_reveal, m_copy, m_forget});
    menu.addSeparator();
    menu.addActions({m_add, m_again});
    menu.exec(m_tree->viewport()->mapToGlobal(at));
}

} // namespace pissarro::ui
