// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/settings_card.h"

#include "core/text/shell_text.h"
#include "core/train/memory_estimate.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/services/services.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kBarSteps = 1000;
constexpr double kWorthTelling = 2.0; // s

WholeEdit* spin(const char* name, const QString& accessible, int highest, int value)
{
    auto* box = new WholeEdit;
    box->setObjectName(QLatin1String(name));
    box->setAccessibleName(accessible);
    box->setToolTip(accessible);
    box->setLimits(1, highest);
    box->setValue(value);
    box->setMinimumWidth(scaled(64));
    box->setKeyboardTracking(false); // each new value is measured
    return box;
}

void addNamed(QHBoxLayout* row, const QString& caption, QWidget* field)
{
    constexpr int kBetween = 14; // px, between a field and the next one's name
    auto* name = new QLabel(caption);
    name->setBuddy(field);
    if (row->count() > 0) {
        row->addSpacing(kBetween);
    }
    row->addWidget(name);
    row->addWidget(field);
}

} // namespace

SettingsCard::SettingsCard(Services& services, QuantBench& bench, QWidget* parent)
    : Card(tr("Four bits"), parent)
    , m_services(services)
    , m_bench(bench)
    , m_rank(spin("quantize.rank", tr("Rank of the adapters"), 65536, 16))
    , m_iters(spin("quantize.iters",
                   tr("Iterations of %1").arg(listOf(core::methodsWhere(core::iterates))), 100, 5))
    , m_type(new SegmentedControl(QStringLiteral("quantize.type"), tr("Four-bit type"),
                                  {tr("NF4"), tr("FP4")}))
    , m_absmax(new SegmentedControl(QStringLiteral("quantize.absmax"), tr("Absmax of a block"),
                                    {tr("float32"), tr("8-bit")}))
    , m_svd(new SegmentedControl(QStringLiteral("quantize.svd"), tr("Singular value decomposition"),
                                 {tr("exact"), tr("fast")}))
    , m_measure(new QPushButton(tr("Measure")))
    , m_bar(new QProgressBar)
    , m_state(new ElidedLabel)
    , m_share(new QProgressBar)
    , m_whole(new QLabel)
    , m_memory(new QLabel)
{
    buildFields();
    buildMemory();
    buildButtons();
    connect(&m_bench, &QuantBench::stateChanged, this, &SettingsCard::showState);
    connect(&m_bench, &QuantBench::optionsChanged, this, &SettingsCard::showState);
    connect(&m_bench, &QuantBench::errorsChanged, this, &SettingsCard::showState);
    connect(&m_services.model, &Model::opened, this, &SettingsCard::showModel);
    connect(&m_services.spectra, &Spectra::stateChanged, this, [this] {
        if (!m_services.spectra.isRunning()) { // they told how fast this machine is
            m_bench.readPace();
            showState();
        }
    });
    showModel();
}

void SettingsCard::buildFields()
{
    m_absmax->setSegmentEnabled(1, true, tr("Double quantization, as QLoRA trains"));
    m_svd->setSegmentEnabled(1, true, tr("Randomised, 16 power iterations"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    addNamed(row, tr("Rank r"), m_rank);
    addNamed(row, tr("Iterations T"), m_iters);
    addNamed(row, tr("Type"), m_type);
    addNamed(row, tr("Absmax"), m_absmax);
    addNamed(row, tr("SVD"), m_svd);
    row->addSpacing(8);
    for (SegmentedControl* control : {m_type, m_absmax, m_svd}) {
        connect(control, &SegmentedControl::changed, this, &SettingsCard::apply);
    }
    for (WholeEdit* box : {m_rank, m_iters}) {
        connect(box, &QSpinBox::valueChanged, this, &SettingsCard::apply);
    }
    m_measure->setObjectName(QStringLiteral("quantize.measure"));
    m_measure->setProperty("kind", QStringLiteral("primary"));
    m_measure->setToolTip(tr("Measure every matrix (Ctrl+Return)"));
    m_measure->setMinimumWidth(scaled(96));
    row->addWidget(m_measure);
    m_bar->setObjectName(QStringLiteral("quantize.progress"));
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(scaled(80));
    row->addWidget(m_bar);
    row->addStretch(1);
    body()->addLayout(row);
    m_state->setObjectName(QStringLiteral("quantize.state"));
    m_state->setElision(Qt::ElideRight, 0);
    setRole(m_state, "muted");
    addBesideTitle(m_state);
    connect(m_measure, &QPushButton::clicked, this, [this] {
        if (m_bench.isMeasuring()) {
            m_bench.cancel();
        } else {
            measure();
        }
    });
}

void SettingsCard::buildMemory()
{
    m_share->setObjectName(QStringLiteral("quantize.share"));
    m_share->setAccessibleName(tr("Weights in four bits, share of bfloat16"));
    m_share->setRange(0, kBarSteps);
    m_share->setTextVisible(false);
    m_share->setFixedWidth(scaled(140));
    m_whole->setObjectName(QStringLiteral("quantize.whole"));
    m_memory->setObjectName(QStringLiteral("quantize.memory"));
    m_memory->setWordWrap(true);
    setRole(m_memory, "muted");
    auto* caption = new QLabel(tr("Weights"));
    setRole(caption, "muted");
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(caption);
    row->addWidget(m_share);
    row->addWidget(m_whole);
    row->addWidget(m_memory, 1);
    body()->addLayout(row);
}

void SettingsCard::measure()
{
    if (problem().isEmpty()) {
        m_bench.measure();
    }
}

// A rank that one matrix does not have would end the measurement there.
void SettingsCard::showModel()
{
    const auto model = m_services.model.files();
    if (model && !model->linearModules().empty()) {
        const auto& modules = model->linearModules();
        const auto smallest =
            std::min_element(modules.begin(), modules.end(), [](const auto& a, const auto& b) {
                return a.smallerSide() < b.smallerSide();
            });
        m_smallest = tr("%1 is %2 × %3")
                         .arg(QString::fromStdString(smallest->type), formatCount(smallest->rows),
                              formatCount(smallest->cols));
        m_rank->setLimits(1, static_cast<int>(smallest->smallerSide()));
    }
    apply();
}

QString SettingsCard::problem() const
{
    const QString rank = m_rank->problem();
    if (!rank.isEmpty()) {
        return m_rank->value() > 0 && !m_smallest.isEmpty()
            ? tr("The rank %1: %2").arg(rank, m_smallest)
            : tr("The rank %1").arg(rank);
    }
    const QString iters = m_iters->problem();
    return iters.isEmpty() ? QString() : tr("The iterations T %1").arg(iters);
}

void SettingsCard::buildButtons()
{
    const auto add = [this](const char* name, const QString& text, const QString& toolTip,
                            auto signal) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(toolTip);
        addTitleWidget(button);
        connect(button, &QPushButton::clicked, this, signal);
        return button;
    };
    m_copy =
        add("quantize.copyCommand", tr("Copy command"),
            tr("Copy the pissarro-cli line that measures the same"), &SettingsCard::copyRequested);
    add("quantize.export", tr("Export"), tr("Every matrix, norm and iteration as CSV"),
        &SettingsCard::exportRequested);
}

void SettingsCard::setRank(int rank)
{
    m_rank->setValue(rank);
}

void SettingsCard::apply()
{
    core::QuantErrorOptions options = m_bench.options();
    options.rank = m_rank->value();
    options.iters = m_iters->value();
    options.quant.type = m_type->current() == 0 ? core::QuantType::Nf4 : core::QuantType::Fp4;
    options.quant.doubleQuant = m_absmax->current() == 1;
    options.svd.kind = m_svd->current() == 0 ? core::SvdKind::Exact : core::SvdKind::Fast;
    m_bench.setOptions(options, problem());
    setStyleProperty(m_rank, "invalid", !m_rank->problem().isEmpty());
    setStyleProperty(m_iters, "invalid", !m_iters->problem().isEmpty());
    showState();
    showMemory();
}

// "3 min"; empty where it is not known, or not worth a word.
QString SettingsCard::expectedTime() const
{
    const double seconds = m_bench.expectedSeconds();
    return seconds >= kWorthTelling ? formatDuration(seconds) : QString();
}

QString SettingsCard::invitation() const
{
    const int total = m_services.spectra.total();
    if (total == 0) {
        return {};
    }
    const QString expected = expectedTime();
    return expected.isEmpty()
        ? tr("Measure quantizes %1 matrices, for the table and the map", nullptr, pluralOf(total))
              .arg(formatCount(total))
        : tr("Measure quantizes %1 matrices, in about %2 here", nullptr, pluralOf(total))
              .arg(formatCount(total), expected);
}

void SettingsCard::showState()
{
    const bool measuring = m_bench.isMeasuring();
    const auto count = static_cast<qint64>(m_bench.errors().size());
    m_measure->setText(measuring ? tr("Cancel") : tr("Measure"));
    const QString wrong = problem();
    m_copy->setEnabled(m_services.model.files() != nullptr && wrong.isEmpty());
    m_measure->setEnabled(measuring || (m_services.model.files() != nullptr && wrong.isEmpty()));
    m_bar->setVisible(measuring);
    m_bar->setValue(static_cast<int>(std::lround(m_bench.fraction() * kBarSteps)));
    QString text;
    if (measuring) {
        const double done = m_bench.fraction();
        const auto* running = std::get_if<Running>(&m_bench.state());
        text = tr("%1 of %2 matrices", nullptr, pluralOf(m_services.spectra.total()))
                   .arg(formatCount(count), formatCount(m_services.spectra.total()));
        if (running != nullptr && running->fraction < 0.0 && !running->stage.isEmpty()) {
            text = running->stage; // it waits
        }
        if (done > 0.05) {
            text = tr("%1 · %2 left")
                       .arg(text, formatDuration(m_bench.seconds() * (1.0 - done) / done));
        }
    } else if (!wrong.isEmpty()) {
        text = wrong;
    } else if (count == 0) {
        text = invitation();
    } else {
        const auto& how = m_bench.measuredWith();
        const QString matrices = m_bench.isWhole()
            ? formatCount(count)
            : tr("%1 of %2").arg(formatCount(count), formatCount(m_services.spectra.total()));
        text = tr("%1 matrices at r = %2, T = %3 in %4", nullptr, pluralOf(count))
                   .arg(matrices, formatCount(how.rank), QString::number(how.iters),
                        formatDuration(m_bench.seconds()));
        const QString expected = expectedTime();
        if (m_bench.isStale()) {
            text = expected.isEmpty()
                ? tr("%1 · settings changed: measure again").arg(text)
                : tr("%1 · settings changed: measure again, about %2").arg(text, expected);
        }
    }
    m_state->setText(text);
    setRole(m_state, !measuring && !wrong.isEmpty() ? "bad" : "muted");
}

// Before and after, by arithmetic: the same that a folder of init takes.
void SettingsCard::showMemory()
{
    const auto model = m_services.model.files();
    if (!model) {
        return;
    }
    core::RunSpec spec;
    const core::FourBitBytes plain = core::fourBitBytes(*model, spec);
    spec.quant.doubleQuant = true;
    const core::FourBitBytes nested = core::fourBitBytes(*model, spec);
    const std::int64_t whole = 2 * model->parameters();
    const auto now = m_absmax->current() == 0 ? plain.quantized : nested.quantized;
    const auto share = [](std::int64_t part, std::int64_t of) {
        return formatPercent(static_cast<double>(part)
                             / static_cast<double>(std::max<std::int64_t>(1, of)));
    };
    const std::int64_t left = whole - plain.dense + now;
    m_share->setValue(
        static_cast<int>(std::lround(static_cast<double>(kBarSteps) * static_cast<double>(left)
                                     / static_cast<double>(std::max<std::int64_t>(1, whole)))));
    m_whole->setText(
        tr("%1 of %2, %3").arg(formatBytes(left), formatBytes(whole), share(left, whole)));
    m_memory->setText(
        tr("matrices: %1 in bfloat16, %2 in four bits (%3), %4 with 8-bit absmax (%5)")
            .arg(formatBytes(plain.dense), formatBytes(plain.quantized),
                 share(plain.quantized, plain.dense), formatBytes(nested.quantized),
                 share(nested.quantized, nested.dense)));
}

QString SettingsCard::command() const
{
    const auto model = m_services.model.files();
    if (!model || !problem().isEmpty()) {
        return {};
    }
    const core::QuantErrorOptions& how = m_bench.options();
    const QString path = QString::fromStdString(core::shellQuoted(model->path().string()));
    QString line = QStringLiteral("pissarro-cli quant-error %1 --rank %2 --iters %3")
                       .arg(path, QString::number(how.rank), QString::number(how.iters));
    line += how.quant.type == core::QuantType::Fp4 ? QStringLiteral(" --type fp4") : QString();
    line += how.quant.doubleQuant ? QStringLiteral(" --double-quant") : QString();
    line += how.svd.kind == core::SvdKind::Fast ? QStringLiteral(" --svd fast") : QString();
    return line + QStringLiteral(" --other-types -o errors.json");
}

} // namespace pissarro::ui
