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

namespace pissarro::ui {

namespace {

constexpr int kBarHeight = 12; // px
constexpr std::array<int, 5> kPartColors {0, 2, 4, 3, 6}; // Theme::series, as UI.md draws it

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
    std::array<std::int64_t, 5> parts {};
    std::int64_t whole = 0; // bytes of the full width

    Bar()
    {
        setFixedHeight(scaled(kBarHeight));
        setObjectName(QStringLiteral("train.memoryBar"));
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QPainterPath shape;
        shape.addRoundedRect(rect(), 3, 3);
        painter.setClipPath(shape);
        painter.fillRect(rect(), Theme::instance().colors().line);
        double x = 0.0;
        for (std::size_t i = 0; i < parts.size() && whole > 0; ++i) {
            const double width =
                static_cast<double>(parts[i]) / static_cast<double>(whole) * this->width();
            painter.fillRect(QRectF(x, 0, width, height()),
                             Theme::instance().series(kPartColors[i]));
            x += width;
        }
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
    auto* title = new QLabel(tr("Memory before the start"));
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

void MemoryBar::setUnknown(const QString& reason)
{
    m_bar->whole = 0;
    m_bar->update();
    setRole(m_total, "muted");
    m_bar->setAccessibleName(tr("Memory the run will need: not known, %1").arg(reason));
    m_total->clear();
    m_legend->setText(reason.toHtmlEscaped());
    m_disk->hide();
}

void MemoryBar::setEstimate(const core::MemoryEstimate& estimate, std::int64_t available)
{
    const std::array<std::pair<QString, std::int64_t>, 5> parts {{
        {tr("weights"), estimate.weights},
        {tr("adapters"), estimate.adapters},
        {tr("optimizer"), estimate.optimizer},
        {tr("activations"), estimate.activations},
        {tr("program"), estimate.fixed},
    }};
    QStringList legend;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        m_bar->parts[i] = parts[i].second;
        if (parts[i].second > 0) {
            legend << QStringLiteral("<span style='color:%1'>■</span>&nbsp;%2&nbsp;%3")
                          .arg(Theme::instance().series(kPartColors[i]).name(), parts[i].first,
                               unbroken(parts[i].second));
        }
    }
    const std::int64_t total = estimate.total();
    const bool tooMuch = available > 0 && total > available;
    m_bar->whole = available > 0 ? std::max(available, total) : total;
    m_bar->update();
    m_total->setText(available > 0 ? tr("%1 of %2").arg(formatBytes(total), formatBytes(available))
                                   : formatBytes(total));
    setRole(m_total, tooMuch ? "bad" : "muted");
    m_legend->setText(tooMuch ? adviceFor(estimate) : legend.join(QStringLiteral("&nbsp; ")));
    QStringList words {m_total->text()};
    for (const auto& [name, bytes] : parts) {
        if (bytes > 0) {
            words << QStringLiteral("%1 %2").arg(name, formatBytes(bytes));
        }
    }
    m_bar->setAccessibleName(
        tr("Memory the run will need: %1").arg(words.join(QStringLiteral(", "))));
}

void MemoryBar::setMeasured(std::int64_t peak, std::int64_t estimated, bool running)
{
    m_measured->setVisible(peak > 0);
    const QString figures = estimated > 0
        ? tr("%1, estimated %2").arg(formatBytes(peak), formatBytes(estimated))
        : formatBytes(peak);
    m_measured->setText(running ? tr("This run: peak so far %1").arg(figures)
                                : tr("Last run: peak %1").arg(figures));
}

void MemoryBar::setDisk(const core::DiskEstimate& estimate, std::int64_t free)
{
    const bool tooMuch = free >= 0 && estimate.total() > free;
    m_disk->show();
    setRole(m_disk, tooMuch ? "bad" : "small");
    m_disk->setText(
        free < 0 ? tr("Disk: %1").arg(formatBytes(estimate.total()))
            : tooMuch
            ? tr("Disk: %1 needed, %2 free: keep fewer checkpoints, or choose another run folder")
                  .arg(formatBytes(estimate.total()), formatBytes(free))
            : tr("Disk: %1 (checkpoints %2) of %3 free")
                  .arg(formatBytes(estimate.total()), formatBytes(estimate.checkpoints),
                       formatBytes(free)));
}

} // namespace pissarro::ui
