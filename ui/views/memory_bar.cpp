// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/memory_bar.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <numeric>

namespace pissarro::ui {

namespace {

constexpr int kBarHeight = 12; // px
constexpr int kShareHeight = 3; // px, of the line below: what of the machine it is
constexpr std::size_t kParts = 5;

// Parts are no methods: greys, the first dark.
QColor partColor(std::size_t part)
{
    constexpr double kFirst = 0.3; // not the text's own
    return Theme::instance().neutral(kFirst
                                     + (1.0 - kFirst) * static_cast<double>(part) / (kParts - 1));
}

// "1.1 MB", which does not break across lines.
QString unbroken(std::int64_t bytes)
{
    return formatBytes(bytes).replace(QLatin1Char(' '), QStringLiteral("&nbsp;"));
}

} // namespace

namespace {

// What to do when the run does not fit, by what takes most.
QString adviceFor(const core::MemoryEstimate& estimate)
{
    const std::int64_t most =
        std::max({estimate.weights, estimate.adapters, estimate.optimizer, estimate.activations});
    if (most == estimate.activations) {
        return MemoryBar::tr("More than there is, most of it activations: lower the batch or the "
                             "maximal length, or switch on gradient checkpointing.");
    }
    if (most == estimate.weights) {
        return MemoryBar::tr("More than there is, most of it weights: choose bfloat16, a method on "
                             "four bits such as QPiSSA, or train without a twin.");
    }
    return MemoryBar::tr("More than there is, most of it trained weights with their gradients and "
                         "moments: lower the rank, or train fewer modules.");
}

} // namespace

class MemoryBar::Bar : public QWidget {
public:
    std::array<std::int64_t, kParts> parts {};
    std::int64_t available = 0; // of the machine; 0: not known

    Bar()
    {
        setFixedHeight(scaled(kBarHeight) + 2 + scaled(kShareHeight));
        setObjectName(QStringLiteral("train.memoryBar"));
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        paintParts(painter);
        paintShare(painter);
    }

private:
    double total() const
    {
        return static_cast<double>(std::accumulate(parts.begin(), parts.end(), std::int64_t {0}));
    }

    void paintParts(QPainter& painter) const
    {
        const QRectF bar(0, 0, width(), scaled(kBarHeight));
        QPainterPath shape;
        shape.addRoundedRect(bar, 3, 3);
        painter.setClipPath(shape);
        painter.fillRect(bar, Theme::instance().colors().line);
        double x = 0.0;
        for (std::size_t i = 0; i < parts.size() && total() > 0.0; ++i) {
            const double width = static_cast<double>(parts[i]) / total() * bar.width();
            painter.fillRect(QRectF(x, 0, std::max(0.0, width - 1.0), bar.height()), partColor(i));
            x += width;
        }
    }

    void paintShare(QPainter& painter) const
    {
        const Colors& colors = Theme::instance().colors();
        const QRectF line(0, scaled(kBarHeight) + 2, width(), scaled(kShareHeight));
        painter.setClipRect(line);
        if (available <= 0 || total() <= 0.0) {
            return;
        }
        const double share = total() / static_cast<double>(available);
        painter.fillRect(line, colors.line);
        painter.fillRect(QRectF(0, line.top(), std::min(1.0, share) * width(), line.height()),
                         share > 1.0 ? colors.bad : colors.muted);
    }
};

MemoryBar::MemoryBar(QWidget* parent)
    : QWidget(parent)
    , m_bar(new Bar)
    , m_total(new QLabel)
    , m_legend(new QLabel)
    , m_disk(new QLabel)
    , m_measured(new QLabel)
{
    auto* title = new QLabel(tr("Memory at start"));
    title->setProperty("role", QByteArray("title"));
    m_total->setObjectName(QStringLiteral("train.memoryTotal"));
    m_legend->setObjectName(QStringLiteral("train.memoryLegend"));
    m_legend->setWordWrap(true);
    setRole(m_total, "muted");
    setRole(m_legend, "small");
    m_legend->setTextFormat(Qt::RichText);
    setSpokenRole(m_bar, QAccessible::Graphic);
    m_bar->setAccessibleName(tr("Memory the run will need"));

    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(title);
    line->addWidget(m_total);
    line->addStretch(1);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(5);
    outer->addLayout(line);
    outer->addWidget(m_bar);
    outer->addWidget(m_legend);
    const std::array<std::pair<QLabel*, const char*>, 2> lines {
        {{m_disk, "train.diskEstimate"}, {m_measured, "train.memoryMeasured"}}};
    for (const auto& [label, name] : lines) {
        label->setObjectName(QLatin1String(name));
        label->setWordWrap(true);
        label->hide();
        setRole(label, "small");
        outer->addWidget(label);
    }
}

void MemoryBar::setTight(bool on)
{
    m_tight = on;
    showLines();
}

// What is wrong is said in a low window too.
void MemoryBar::showLines()
{
    const auto show = [this](QLabel* line, const QLabel* judged) {
        const bool bad = judged->property("role").toByteArray() == "bad";
        line->setVisible(!line->text().isEmpty() && (!m_tight || bad));
    };
    show(m_legend, m_total);
    show(m_disk, m_disk);
    show(m_measured, m_measured);
}

void MemoryBar::setUnknown(const QString& reason)
{
    m_bar->parts.fill(0);
    m_bar->update();
    setRole(m_total, "muted");
    m_bar->setAccessibleName(tr("Memory the run will need: not known, %1").arg(reason));
    m_total->clear();
    m_legend->setText(reason.toHtmlEscaped());
    m_disk->clear();
    showLines();
}

void MemoryBar::setEstimate(const core::MemoryEstimate& estimate, std::int64_t available)
{
    const std::array<std::pair<QString, std::int64_t>, kParts> parts {{
        {tr("weights"), estimate.weights},
        {tr("adapters"), estimate.adapters},
        {tr("optimizer"), estimate.optimizer},
        {tr("activations"), estimate.activations},
        {tr("program"), estimate.fixed},
    }};
    QStringList legend;
    QStringList tip;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        m_bar->parts[i] = parts[i].second;
        if (parts[i].second > 0) {
            tip << tr("%1 %2").arg(parts[i].first, formatBytes(parts[i].second));
            legend << QStringLiteral("<span style='color:%1'>■</span>&nbsp;%2&nbsp;%3")
                          .arg(partColor(i).name(), parts[i].first, unbroken(parts[i].second));
        }
    }
    const std::int64_t total = estimate.total();
    const bool tooMuch = available > 0 && total > available;
    m_bar->available = available;
    m_bar->update();
    setRole(m_total, tooMuch ? "bad" : "muted"); // before its text, whose room is of this font
    m_total->setText(available > 0 ? tr("%1 of %2").arg(formatBytes(total), formatBytes(available))
                                   : formatBytes(total));
    m_legend->setText(tooMuch ? adviceFor(estimate) : legend.join(QStringLiteral("&nbsp; ")));
    QStringList words {m_total->text()};
    for (const auto& [name, bytes] : parts) {
        if (bytes > 0) {
            words << QStringLiteral("%1 %2").arg(name, formatBytes(bytes));
        }
    }
    m_bar->setAccessibleName(
        tr("Memory the run will need: %1").arg(words.join(QStringLiteral(", "))));
    m_bar->setToolTip(tip.join(QStringLiteral(" · ")));
    showLines();
}

void MemoryBar::setMeasured(std::int64_t peak, std::int64_t estimated, bool running)
{
    const QString figures = estimated > 0
        ? tr("%1, estimated %2").arg(formatBytes(peak), formatBytes(estimated))
        : formatBytes(peak);
    m_measured->setText(running ? tr("This run: peak so far %1").arg(figures)
                                : tr("Last run: peak %1").arg(figures));
    if (peak <= 0) {
        m_measured->clear();
    }
    showLines();
}

void MemoryBar::setDisk(const core::DiskEstimate& estimate, std::int64_t free)
{
    const bool tooMuch = free >= 0 && estimate.total() > free;
    setRole(m_disk, tooMuch ? "bad" : "small");
    m_disk->setText(
        free < 0 ? tr("Disk: %1").arg(formatBytes(estimate.total()))
            : tooMuch
            ? tr("Disk: %1 needed, %2 free: keep fewer checkpoints, or choose another run folder")
                  .arg(formatBytes(estimate.total()), formatBytes(free))
            : tr("Disk: %1 (checkpoints %2) of %3 free")
                  .arg(formatBytes(estimate.total()), formatBytes(estimate.checkpoints),
                       formatBytes(free)));
    showLines();
}

} // namespace pissarro::ui
