// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/chosen_model_card.h"

#include "core/run/run_spec.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/pages/model/models_model.h"
#include "ui/plot/sparkline.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/figures.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr int kBarHeight = 8; // px
constexpr int kSparkWidth = 110; // px
constexpr int kSparkHeight = 20; // px

QLabel* label(const QString& text, const char* role)
{
    auto* made = new QLabel(text);
    made->setTextFormat(Qt::PlainText);
    made->setProperty("role", QByteArray(role));
    return made;
}

void clear(QGridLayout* grid)
{
    while (QLayoutItem* item = grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

} // namespace

// A method, its share of the machine's memory and the bytes.
class ChosenModelCard::NeedBar : public QWidget {
public:
    NeedBar(const QString& title, int place)
        : m_title(title)
        , m_place(place)
    {
        setMinimumHeight(scaled(20));
        setSpokenRole(this, QAccessible::Graphic);
    }

    void set(std::int64_t bytes, std::int64_t memory)
    {
        m_share = memory > 0 ? static_cast<double>(bytes) / static_cast<double>(memory) : 0.0;
        m_text = formatBytes(bytes);
        setAccessibleName(ChosenModelCard::tr("%1: %2 of memory").arg(m_title, m_text));
        update();
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(colors.text);
        const int left = scaled(96);
        const int right = scaled(64);
        painter.drawText(QRect(0, 0, left, height()), Qt::AlignLeft | Qt::AlignVCenter,
                         fontMetrics().elidedText(m_title, Qt::ElideRight, left));
        drawFigures(painter, QRect(width() - right, 0, right, height()),
                    Qt::AlignRight | Qt::AlignVCenter, m_text);
        QRectF bar(left, (height() - scaled(kBarHeight)) / 2.0,
                   std::max(0, width() - left - right - scaled(8)), scaled(kBarHeight));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.line);
        painter.drawRoundedRect(bar, 2, 2);
        bar.setWidth(std::min(1.0, m_share) * bar.width());
        painter.setBrush(m_share > 1.0 ? colors.bad
                             : m_share >= core::kTightShare
                             ? colors.warn
                             : Theme::instance().neutral(0.3 * m_place));
        painter.drawRoundedRect(bar, 2, 2);
    }

private:
    QString m_title;
    QString m_text;
    int m_place;
    double m_share = 0.0;
};

// The first singular values of a matrix as a curve, with the rank dashed.
class ChosenModelCard::SpectrumRow : public QWidget {
public:
    explicit SpectrumRow(const QVector<double>& values)
        : m_values(values.begin(), values.end())
    {
        setFixedSize(scaled(kSparkWidth), scaled(kSparkHeight));
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(1, 1, -1, -1);
        paintSparkline(painter, box, m_values, colors.accent);
        if (static_cast<int>(m_values.size()) > ModelsAtHand::kRank) {
            const double share = ModelsAtHand::kRank / static_cast<double>(m_values.size() - 1);
            painter.setPen(QPen(colors.muted, 1, Qt::DotLine));
            painter.drawLine(QPointF(box.left() + share * box.width(), box.top()),
                             QPointF(box.left() + share * box.width(), box.bottom()));
        }
    }

private:
    std::vector<double> m_values;
};

ChosenModelCard::ChosenModelCard(QWidget* parent)
    : Card(tr("No model chosen"), parent)
    , m_hint(label(tr("Choose a model in the list: what its headers say stands here."), "muted"))
    , m_problem(label({}, "bad"))
    , m_all(new QWidget)
    , m_facts(new QGridLayout)
    , m_spectra(new QWidget)
    , m_spectraTitle(label({}, "muted"))
    , m_spectraRows(new QGridLayout)
    , m_memory(new QWidget)
    , m_memoryTitle(label({}, "muted"))
    , m_open(new QPushButton(tr("Open")))
{
    setObjectName(QStringLiteral("model.models.card"));
    m_hint->setWordWrap(true);
    m_problem->setWordWrap(true);
    m_problem->setObjectName(QStringLiteral("model.models.problem"));
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->setHorizontalSpacing(16);
    m_facts->setVerticalSpacing(5);
    m_facts->setColumnStretch(1, 1);
    auto* spectra = new QVBoxLayout(m_spectra);
    spectra->setContentsMargins(0, 0, 0, 0);
    spectra->setSpacing(4);
    spectra->addWidget(label(tr("Singular values"), "title"));
    spectra->addWidget(m_spectraTitle);
    m_spectraRows->setHorizontalSpacing(10);
    m_spectraRows->setVerticalSpacing(2);
    m_spectraRows->setColumnStretch(1, 1);
    spectra->addLayout(m_spectraRows);
    auto* memory = new QVBoxLayout(m_memory);
    memory->setContentsMargins(0, 0, 0, 0);
    memory->setSpacing(2);
    memory->addWidget(label(tr("Memory for training"), "title"));
    memory->addWidget(m_memoryTitle);
    const std::array titles {tr("PiSSA, LoRA"), tr("On four bits"), tr("Full")};
    for (int i = 0; i < static_cast<int>(titles.size()); ++i) {
        m_bars.append(new NeedBar(titles[static_cast<std::size_t>(i)], i));
        memory->addWidget(m_bars.last());
    }
    auto* all = new QVBoxLayout(m_all);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(12);
    all->addWidget(m_problem);
    all->addLayout(m_facts);
    all->addWidget(m_spectra);
    all->addWidget(m_memory);
    m_open->setObjectName(QStringLiteral("model.models.open"));
    m_open->setAccessibleName(tr("Open the chosen model"));
    m_open->setToolTip(tr("Open the chosen model (Enter)"));
    m_open->setProperty("kind", QByteArray("primary"));
    m_open->setMinimumHeight(scaled(36));
    body()->setSpacing(12);
    body()->addWidget(m_hint);
    body()->addWidget(m_all);
    body()->addWidget(m_open);
    body()->addStretch(1);
    showModel(nullptr, 0);
}

void ChosenModelCard::showModel(const core::ListedModel* model, std::int64_t memoryBytes)
{
    m_hint->setVisible(model == nullptr);
    m_all->setVisible(model != nullptr);
    m_open->setEnabled(model != nullptr && model->canBeOpened());
    showSpectra(nullptr);
    if (model == nullptr) {
        setTitle(tr("No model chosen"));
        setSubtitle({});
        return;
    }
    setTitle(QString::fromStdString(model->name));
    setSubtitle(QString::fromStdString(model->author));
    m_problem->setText(QString::fromStdString(model->problem));
    m_problem->setVisible(!model->canBeOpened());
    const auto known = [](std::int64_t value) {
        return value > 0 ? formatCount(value) : QString();
    };
    const QString heads = model->kvHeads == model->heads || model->kvHeads == 0
        ? known(model->heads)
        : tr("%1, of which %2 for keys and values").arg(model->heads).arg(model->kvHeads);
    setFacts({
        {tr("Architecture"), QString::fromStdString(model->architecture)},
        {tr("Version"), QString::fromStdString(model->version)},
        {tr("Parameters"), known(model->parameters)},
        {tr("Layers"), known(model->layers)},
        {tr("Width"), known(model->width)},
        {tr("Heads"), heads},
        {tr("Vocabulary"), known(model->vocabulary)},
        {tr("Context"),
         model->maxPositions > 0 ? tr("%1 tokens", nullptr, pluralOf(model->maxPositions))
                                       .arg(formatCount(model->maxPositions))
                                 : QString()},
        {tr("Stored as"),
         model->storedAs.empty()
             ? QString()
             : tr("%1, %2").arg(ModelsModel::typeWords(*model),
                                formatBytes(static_cast<qint64>(model->diskBytes)))},
        {model->isGguf ? tr("File") : tr("Folder"), textOf(model->path)},
    });
    setNeeds(model->need, memoryBytes);
}

void ChosenModelCard::setFacts(const QVector<QPair<QString, QString>>& facts)
{
    clear(m_facts);
    int row = 0;
    for (const auto& [key, value] : facts) {
        if (value.isEmpty()) {
            continue; // the headers do not say
        }
        auto* fact = new ElidedLabel(value);
        fact->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        fact->setProperty("role", QByteArray("value"));
        fact->setAccessibleName(QStringLiteral("%1: %2").arg(key, value));
        m_facts->addWidget(label(key, "key"), row, 0);
        m_facts->addWidget(fact, row++, 1);
    }
}

void ChosenModelCard::setNeeds(const core::TrainingNeed& need, std::int64_t memoryBytes)
{
    m_memory->setVisible(need.isKnown());
    const core::RunSpec spec;
    m_memoryTitle->setText(QStringList {
        tr("of %1").arg(formatBytes(memoryBytes)), tr("batch %1").arg(formatCount(spec.batchSize)),
        tr("at most %1 tokens a row", nullptr, pluralOf(spec.maxLength))
            .arg(formatCount(spec.maxLength)),
        tr("rank %1").arg(formatCount(spec.rank))}
                               .join(QStringLiteral(" · ")));
    m_memoryTitle->setWordWrap(true);
    const std::array all {need.adapter.total(), need.fourBit.total(), need.full.total()};
    for (int i = 0; i < m_bars.size(); ++i) {
        m_bars[i]->set(all[static_cast<std::size_t>(i)], memoryBytes);
    }
}

void ChosenModelCard::showSpectra(const KeptSpectra* kept)
{
    clear(m_spectraRows);
    const bool isAny = kept != nullptr && !kept->matrices.isEmpty();
    m_spectra->setVisible(isAny);
    if (!isAny) {
        return;
    }
    m_spectraTitle->setText(tr("layer %1, the first %2, rank %3 dotted; from the cache")
                                .arg(kept->layer)
                                .arg(ModelsAtHand::kValues)
                                .arg(ModelsAtHand::kRank));
    int row = 0;
    for (const KeptSpectrum& one : kept->matrices) {
        auto* name = label(shortType(one.type.toStdString()), "value");
        auto* shape =
            label(tr("%1 × %2").arg(formatCount(one.rows), formatCount(one.cols)), "muted");
        shape->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        auto* energy = new FigureLabel(formatPercent(one.energy));
        energy->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        energy->setToolTip(tr("Energy that rank %1 keeps").arg(ModelsAtHand::kRank));
        energy->setAccessibleName(
            tr("%1, energy that rank %2 keeps").arg(name->text()).arg(ModelsAtHand::kRank));
        m_spectraRows->addWidget(name, row, 0);
        m_spectraRows->addWidget(shape, row, 1);
        m_spectraRows->addWidget(new SpectrumRow(one.values), row, 2);
        m_spectraRows->addWidget(energy, row++, 3);
    }
}

} // namespace pissarro::ui
