// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/whom_list.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/views/run_curves.h"
#include "ui/words/method_look.h"

#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kDot = 10; // px
constexpr int kHeight = 132; // px, five rows
constexpr int kPath = Qt::UserRole;

QIcon dotOf(const QColor& color)
{
    QPixmap picture(2 * scaled(kDot), 2 * scaled(kDot));
    picture.setDevicePixelRatio(2.0);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(0.5, 0.5, scaled(kDot) - 1, scaled(kDot) - 1));
    return QIcon(picture);
}

bool speaks(const core::RunSummary& run)
{
    return run.adapterStep > 0 || run.checkpointStep > 0;
}

} // namespace

WhomList::WhomList(QWidget* parent)
    : QWidget(parent)
    , m_list(new QListWidget)
    , m_hint(new QLabel(tr("No model is open, and no run has something to say yet.")))
{
    m_list->setObjectName(QStringLiteral("evaluate.whom"));
    m_list->setAccessibleName(tr("Who is evaluated"));
    m_list->setProperty("kind", QByteArray("field"));
    m_list->setFixedHeight(scaled(kHeight));
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setIconSize({scaled(kDot), scaled(kDot)});
    setRole(m_hint, "muted");
    m_hint->setObjectName(QStringLiteral("evaluate.whom.none"));
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignCenter);
    auto* over = new QVBoxLayout(m_list->viewport());
    over->addWidget(m_hint);
    auto* add = new QPushButton(tr("+ Run or folder"));
    add->setObjectName(QStringLiteral("evaluate.add"));
    add->setToolTip(tr("A run, a model or the folder of an adapter (Ctrl+Shift+A)"));
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(6);
    rows->addWidget(m_list);
    rows->addWidget(add, 0, Qt::AlignLeft);
    connect(add, &QPushButton::clicked, this, &WhomList::adding);
    connect(m_list, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
        const QString path = item->data(kPath).toString();
        m_chosen = true;
        m_checked.removeAll(path);
        if (item->checkState() == Qt::Checked) {
            m_checked.append(path);
        }
        Q_EMIT changed();
    });
    connect(&Theme::instance(), &Theme::changed, this, &WhomList::fill);
}

void WhomList::setBase(const QString& model)
{
    if (!m_chosen && !model.isEmpty()) {
        m_checked.removeAll(m_base);
        m_checked.prepend(model);
    }
    m_base = model;
    fill();
}

void WhomList::setRuns(const QVector<core::RunSummary>& runs)
{
    m_runs.clear();
    for (const core::RunSummary& run : runs) {
        if (speaks(run)) {
            m_runs.append({directoryOf(run), runTitle(run.spec), runName(run),
                           methodColor(run.spec.method), false});
        }
    }
    if (!m_chosen && !m_proposed && !m_runs.isEmpty()) { // the newest beside the base
        m_checked.append(m_runs.first().path);
        m_proposed = true;
    }
    fill();
}

void WhomList::addIfNew(const One& one)
{
    const auto isSame = [&one](const One& other) { return other.path == one.path; };
    if (one.path != m_base && std::none_of(m_runs.begin(), m_runs.end(), isSame)
        && std::none_of(m_added.begin(), m_added.end(), isSame)) {
        m_added.append(one);
    }
    if (!m_checked.contains(one.path)) {
        m_checked.append(one.path);
    }
    m_chosen = true;
    fill();
    Q_EMIT changed();
}

void WhomList::addModel(const QString& path)
{
    addIfNew({path, QFileInfo(path).fileName(), path, {}, false});
}

void WhomList::addAdapter(const QString& path)
{
    addIfNew({path, QFileInfo(path).fileName(), tr("adapter for the open model"), {}, true});
}

void WhomList::check(const QStringList& paths)
{
    m_checked = paths;
    m_chosen = true;
    fill();
    Q_EMIT changed();
}

void WhomList::fill()
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    const auto put = [this](const One& one) {
        auto* item = new QListWidgetItem(
            one.about.isEmpty() ? one.name : tr("%1 · %2").arg(one.name, one.about));
        item->setData(kPath, one.path);
        item->setToolTip(one.path);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(m_checked.contains(one.path) ? Qt::Checked : Qt::Unchecked);
        item->setIcon(dotOf(one.color.isValid() ? one.color : Theme::instance().neutral(0.4)));
        m_list->addItem(item);
    };
    if (!m_base.isEmpty()) {
        put({m_base, tr("Base"), QFileInfo(m_base).fileName(), {}, false});
    }
    for (const QVector<One>* list : {&m_added, &m_runs}) {
        for (const One& one : *list) {
            put(one);
        }
    }
    m_hint->setVisible(m_list->count() == 0);
}

std::vector<core::EvaluatedModel> WhomList::models() const
{
    std::vector<One> chosen;
    if (!m_base.isEmpty()) {
        chosen.push_back({m_base, QStringLiteral("base"), {}, {}, false});
    }
    chosen.insert(chosen.end(), m_added.begin(), m_added.end());
    chosen.insert(chosen.end(), m_runs.begin(), m_runs.end());
    std::erase_if(chosen, [this](const One& one) { return !m_checked.contains(one.path); });
    const auto isRun = [this](const One& one) {
        return std::any_of(m_runs.begin(), m_runs.end(),
                           [&one](const One& run) { return run.path == one.path; });
    };
    std::vector<core::EvaluatedModel> models;
    for (const One& one : chosen) {
        const auto isAlike = [&one](const One& other) { return other.name == one.name; };
        const bool isShared = std::count_if(chosen.begin(), chosen.end(), isAlike) > 1;
        core::EvaluatedModel model;
        // Runs of one method and rank, such as seeds of a sweep, are told apart by their folders.
        model.name = QString(isShared && isRun(one) ? one.about : one.name)
                         .replace(u' ', u'-')
                         .toStdString();
        model.model = one.path.toStdString();
        if (one.isAdapter) {
            model.model = m_base.toStdString();
            model.adapter = one.path.toStdString();
        }
        models.push_back(std::move(model));
    }
    core::makeNamesUnique(models);
    return models;
}

QString WhomList::problem() const
{
    const auto isLost = [this](const One& one) {
        return one.isAdapter && m_checked.contains(one.path);
    };
    if (m_base.isEmpty() && std::any_of(m_added.begin(), m_added.end(), isLost)) {
        return tr("Open the model that the adapter is for.");
    }
    return models().empty() ? tr("Choose whom to evaluate: a run, a model or an adapter.")
                            : QString();
}

} // namespace pissarro::ui
