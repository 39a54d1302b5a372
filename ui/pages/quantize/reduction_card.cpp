// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/reduction_card.h"

#include "core/text/escaped_text.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/services/services.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"

#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 26; // px
constexpr int kSentenceHeight = 32; // px, two lines
constexpr double kLongestBar =
    100.0; // percent, all of QLoRA's error: a longer bar says more everywhere

constexpr std::array kNorms {core::ErrorNorm::Nuclear, core::ErrorNorm::Frobenius,
                             core::ErrorNorm::Spectral, core::ErrorNorm::Largest};

QString percent(double value)
{
    return QString::number(value, 'f', 1).replace(QLatin1Char('-'), QChar(0x2212));
}

// What W in other types than `own` leaves, without an adapter, of what it leaves in that.
QString othersText(const core::QuantReductions& reductions, core::QuantType own)
{
    const QString ownName = fromView(core::quantTypeName(own)).toUpper();
    QStringList parts;
    for (const auto& [type, reduction] : reductions.others) {
        if (type != core::quantTypeName(own)) {
            const QString share = percent(std::abs(reduction));
            parts.append(QString::fromStdString(type).toUpper() + u' '
                         + (reduction < 0.0 ? ReductionCard::tr("%1 % more").arg(share)
                                            : ReductionCard::tr("%1 % less").arg(share)));
        }
    }
    return parts.isEmpty() ? QString()
                           : ReductionCard::tr("Without an adapter, beside %1: %2.")
                                 .arg(ownName, parts.join(QStringLiteral(", ")));
}

// A figure of a method with a bar before it, where the cell has room for one.
class BarDelegate : public FigureDelegate {
public:
    static constexpr int kShare = Qt::UserRole; // of the longest bar, [0, 1]; none: no bar
    static constexpr int kColor = Qt::UserRole + 1;

    using FigureDelegate::FigureDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        FigureDelegate::paint(painter, option, index);
        const QVariant share = index.data(kShare);
        const int room = option.rect.width() - scaled(kFigureWidth);
        if (!share.isValid() || room < scaled(kShortest)) {
            return;
        }
        const int longest = std::min(room - scaled(kBarGap), scaled(kLongest));
        const int width = std::max(1, qRound(share.toDouble() * longest));
        const QRectF bar(option.rect.right() - scaled(kFigureWidth) - width,
                         option.rect.center().y() - scaled(kBarHeight) / 2.0 + 0.5, width,
                         scaled(kBarHeight));
        QColor color = index.data(kColor).value<QColor>();
        color.setAlphaF(0.55F);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(color);
        painter->drawRoundedRect(bar, 1, 1);
        painter->restore();
    }

private:
    static constexpr int kFigureWidth = 54; // px, "100.0" and its padding
    static constexpr int kShortest = 20; // px, room below which there is no bar
    static constexpr int kLongest = 48; // px
    static constexpr int kBarGap = 6; // px, to the column before
    static constexpr int kBarHeight = 7; // px
};

QTableWidgetItem* put(QTableWidget* table, int row, int column, const QString& text,
                      bool bold = false)
{
    auto* item = new QTableWidgetItem(text);
    item->setTextAlignment(column == 0 ? Qt::AlignLeft | Qt::AlignVCenter
                                       : Qt::AlignRight | Qt::AlignVCenter);
    QFont font = item->font();
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    item->setFont(font);
    table->setItem(row, column, item);
    return item;
}

} // namespace

ReductionCard::ReductionCard(Services& services, QuantBench& bench, QWidget* parent)
    : Card(tr("Reduction"), parent)
    , m_services(services)
    , m_bench(bench)
    , m_norm(new SegmentedControl(QStringLiteral("quantize.norm"), tr("Norm of the error"),
                                  {tr("nuclear"), tr("Frobenius"), tr("spectral"), tr("max")}))
    , m_scope(new SegmentedControl(QStringLiteral("quantize.scope"), tr("What the table tells of"),
                                   {tr("by type"), tr("matrix")}))
    , m_table(new QTableWidget)
    , m_sentence(new QLabel)
{
    addTitleWidget(m_scope);
    addTitleWidget(m_norm);

    m_table->setObjectName(QStringLiteral("quantize.table"));
    m_table->setAccessibleName(tr("Reduction of the quantization error"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection); // a cell: read, copied
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setTabKeyNavigation(false); // Tab leaves it, arrows walk it
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    const auto methods = static_cast<int>(core::measuredMethods().size());
    m_table->setMinimumHeight((1 + 2 * methods) * scaled(kRowHeight)
                              + 6); // the head, two iterations
    m_table->setItemDelegate(new BarDelegate(m_table));
    m_table->setItemDelegateForColumn(0, new MethodDotDelegate(m_table));
    body()->addWidget(m_table, 1);
    m_sentence->setObjectName(QStringLiteral("quantize.ahead"));
    setRole(m_sentence, "muted");
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_sentence->setMinimumHeight(scaled(kSentenceHeight)); // else it lies over the last row
    body()->addWidget(m_sentence);
    connect(m_norm, &SegmentedControl::changed, this, [this] {
        show();
        Q_EMIT normChanged();
    });
    connect(m_scope, &SegmentedControl::changed, this, &ReductionCard::show);
    connect(&m_bench, &QuantBench::errorsChanged, this, &ReductionCard::show);
    connect(&m_bench, &QuantBench::inspectionChanged, this, &ReductionCard::show);
    connect(&Theme::instance(), &Theme::changed, this, &ReductionCard::show);
    show();
}

core::ErrorNorm ReductionCard::norm() const
{
    return kNorms[static_cast<std::size_t>(m_norm->current())];
}

void ReductionCard::show()
{
    m_norm->setVisible(m_scope->current() == 0);
    m_sentence->setVisible(m_scope->current() == 0);
    m_table->clear();
    if (m_scope->current() == 0) {
        showTypes();
    } else {
        showMatrix();
    }
    fitColumns();
    for (int column = 0; column < m_table->columnCount(); ++column) {
        if (QTableWidgetItem* head = m_table->horizontalHeaderItem(column)) {
            head->setTextAlignment((column == 0 ? Qt::AlignLeft : Qt::AlignRight)
                                   | Qt::AlignVCenter);
        }
    }
}

void ReductionCard::fitColumns()
{
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Stretch);
    header->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    const int others = m_table->columnCount() - 1;
    const int share = others > 0 ? (header->width() - header->sectionSize(0)) / others : 0;
    for (int column = 1; column <= others; ++column) {
        if (header->sectionSizeHint(column) > share) { // "average of 79"
            header->setSectionResizeMode(column, QHeaderView::ResizeToContents);
        }
    }
}

void ReductionCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    fitColumns();
}

void ReductionCard::showTypes()
{
    const auto model = m_services.model.files();
    std::vector<std::string> types;
    QStringList head {tr("Method")};
    for (const core::LinearModule& module :
         model ? model->linearModules() : std::vector<core::LinearModule>()) {
        if (std::find(types.begin(), types.end(), module.type) == types.end()) {
            types.push_back(module.type);
            head.append(shortType(module.type));
        }
    }
    const auto& errors = m_bench.errors();
    head.append(m_bench.isWhole() ? tr("average")
                                  : tr("average of %1").arg(formatCount(errors.size())));
    const std::vector<core::ModuleQuantError> all(errors.cbegin(), errors.cend());
    const int iters = m_bench.measuredWith().iters;
    m_table->setColumnCount(static_cast<int>(head.size()));
    const std::vector<core::Method> methods = core::measuredMethods();
    const auto rows = static_cast<int>(methods.size());
    m_table->setRowCount(all.empty() ? 0 : iters > 1 ? 2 * rows : rows);
    m_table->setHorizontalHeaderLabels(head);
    if (all.empty()) {
        setSubtitle({});
        m_sentence->setText(tr("Measure: how much less error %1 leave than W in four bits alone "
                               "(%2), by type of module.")
                                .arg(listOf(methods), titleOf(core::yardstick())));
        return;
    }
    if (iters > 1) {
        addMethods(0, core::reductionsOf(all, norm(), 1), 1, types);
    }
    const core::QuantReductions last = core::reductionsOf(all, norm());
    addMethods(iters > 1 ? rows : 0, last, iters, types);
    setSubtitle(m_bench.isWhole() ? tr("of QLoRA's error, percent, as the paper's table 8")
                                  : tr("of QLoRA's error, percent · %1 of %2 matrices", nullptr,
                                       pluralOf(m_services.spectra.total()))
                                        .arg(formatCount(errors.size()),
                                             formatCount(m_services.spectra.total())));
    QStringList ahead; // of the last the others tell
    for (std::size_t i = 0; i + 1 < methods.size(); ++i) {
        ahead.append(tr("%1 leaves less on %2 of %3 matrices", nullptr, pluralOf(last.matrices))
                         .arg(titleOf(methods[i]), formatCount(last.ahead.at(methods[i])),
                              formatCount(last.matrices)));
    }
    ahead.append(tr("bold is the better."));
    m_sentence->setText(ahead.join(QStringLiteral("; ")) + QLatin1Char(' ')
                        + othersText(last, m_bench.measuredWith().quant.type));
}

void ReductionCard::addMethods(int row, const core::QuantReductions& reductions, int iteration,
                               const std::vector<std::string>& types)
{
    int below = row;
    for (const auto& [method, average] : reductions.average) {
        put(m_table, below++, 0, tr("%1, T = %2").arg(titleOf(method)).arg(iteration))
            ->setData(Qt::DecorationRole, methodColor(method));
    }
    const auto column = [&](int at, const core::QuantReductions::ByMethod& each) {
        int line = row;
        for (const auto& [method, reduction] : each) {
            QTableWidgetItem* item =
                put(m_table, line++, at, percent(reduction), core::isBest(each, method));
            if (reduction > 0.0) {
                item->setData(BarDelegate::kShare, std::min(1.0, reduction / kLongestBar));
                item->setData(BarDelegate::kColor, methodColor(method));
            }
        }
    };
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (const auto found = reductions.byType.find(types[i]); found != reductions.byType.end()) {
            column(static_cast<int>(i) + 1, found->second);
        }
    }
    column(static_cast<int>(types.size()) + 1, reductions.average);
}

void ReductionCard::showMatrix()
{
    const auto model = m_services.model.files();
    const int index = m_bench.inspectedModule();
    const QStringList head {tr("Error"), tr("nuclear"), tr("Frobenius"), tr("spectral"), tr("max")};
    m_table->setColumnCount(static_cast<int>(head.size()));
    m_table->setHorizontalHeaderLabels(head);
    m_table->setRowCount(0);
    if (!model || index < 0) {
        return;
    }
    const QString name =
        QString::fromStdString(model->linearModules()[static_cast<std::size_t>(index)].name);
    const auto found = m_bench.errors().constFind(name);
    setSubtitle(name);
    if (found == m_bench.errors().cend()) {
        m_table->setRowCount(1);
        put(m_table, 0, 0, tr("not measured yet"));
        return;
    }
    int at = 0;
    const auto add = [&](const QString& title, std::optional<core::Method> method,
                         const core::QuantError& error,
                         const std::vector<core::QuantError>& rivals) {
        m_table->setRowCount(at + 1);
        put(m_table, at, 0, title)
            ->setData(Qt::DecorationRole, method ? QVariant(methodColor(*method)) : QVariant());
        for (std::size_t i = 0; i < kNorms.size(); ++i) {
            const double value = core::normOf(error, kNorms[i]);
            const double below = core::errorReduction(error, found->qlora, kNorms[i]);
            const QString change = at == 0 ? QString()
                                           : QStringLiteral(" (%1%2 %)")
                                                 .arg(QChar(below < 0.0 ? u'+' : u'−'))
                                                 .arg(percent(std::abs(below)));
            put(m_table, at, static_cast<int>(i) + 1, formatNumber(value) + change,
                !rivals.empty()
                    && std::all_of(rivals.begin(), rivals.end(), [&](const auto& rival) {
                           return value < core::normOf(rival, kNorms[i]);
                       }));
        }
        ++at;
    };
    add(titleOf(core::yardstick()), core::yardstick(), found->qlora, {});
    for (const auto& [method, errors] : found->errors) {
        std::vector<core::QuantError> rivals;
        for (const auto& [other, others] : found->errors) {
            if (other != method) {
                rivals.push_back(others.back());
            }
        }
        add(titleOf(method), method, errors.back(), rivals);
    }
    for (const auto& [type, error] : found->others) {
        if (type != core::quantTypeName(m_bench.measuredWith().quant.type)) {
            add(tr("%1 alone").arg(QString::fromStdString(type).toUpper()), std::nullopt, error,
                {});
        }
    }
}

QString ReductionCard::csv() const
{
    QString text =
        QStringLiteral("module,rows,cols,method,iteration,nuclear,frobenius,spectral,max\n");
    const auto line = [&](const core::ModuleQuantError& one, const QString& method,
                          qsizetype iteration, const core::QuantError& error) {
        text += QStringLiteral("%1,%2,%3,%4,%5")
                    .arg(QString::fromStdString(core::csvCell(one.module)))
                    .arg(one.rows)
                    .arg(one.cols)
                    .arg(method)
                    .arg(iteration);
        for (const core::ErrorNorm norm : kNorms) {
            text += QLatin1Char(',')
                + QString::number(core::normOf(error, norm), 'g', QLocale::FloatingPointShortest);
        }
        text += QLatin1Char('\n');
    };
    QStringList names = m_bench.errors().keys();
    std::sort(names.begin(), names.end());
    for (const QString& name : names) {
        const core::ModuleQuantError& one = *m_bench.errors().constFind(name);
        line(one, nameOf(core::yardstick()), 0, one.qlora);
        for (const auto& [type, error] : one.others) {
            line(one, QString::fromStdString(type), 0, error);
        }
        for (const auto& [method, each] : one.errors) {
            for (std::size_t t = 0; t < each.size(); ++t) {
                line(one, nameOf(method), static_cast<qsizetype>(t) + 1, each[t]);
            }
        }
    }
    return text;
}

} // namespace pissarro::ui
