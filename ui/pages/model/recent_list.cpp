// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/recent_list.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/services/recent.h"

#include <QAbstractButton>
#include <QDir>
#include <QFileInfo>
#include <QPainter>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 42; // px

QString shortened(const QString& folder)
{
    const QString home = QDir::homePath();
    return folder.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + folder.mid(home.size())
                                                      : folder;
}

class RecentRow : public QAbstractButton {
public:
    explicit RecentRow(const QString& path)
        : m_icon(themedIcon(path.endsWith(QLatin1String(".gguf")) ? QStringLiteral("file")
                                                                  : QStringLiteral("open")))
        , m_folder(shortened(QFileInfo(path).path()))
    {
        setText(QFileInfo(path).fileName());
        setToolTip(path);
        setAccessibleName(path);
        setFixedHeight(scaled(kRowHeight));
        setMinimumWidth(scaled(120));
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::PointingHandCursor);
    }
    QSize sizeHint() const override { return {scaled(320), scaled(kRowHeight)}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (underMouse() || hasFocus()) {
            painter.setPen(hasFocus() ? QPen(colors.accent, 1.5) : QPen(Qt::NoPen));
            painter.setBrush(underMouse() ? QBrush(colors.page) : QBrush(Qt::NoBrush));
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
        }
        m_icon.paint(&painter, QRect(8, (height() - scaled(18)) / 2, scaled(18), scaled(18)));
        const QRect text = rect().adjusted(scaled(18) + 16, 4, -8, -4);
        painter.setPen(colors.text);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignTop,
                         fontMetrics().elidedText(this->text(), Qt::ElideMiddle, text.width()));
        QFont small = font();
        small.setPixelSize(scaled(11));
        painter.setFont(small);
        painter.setPen(colors.muted);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignBottom,
                         painter.fontMetrics().elidedText(m_folder, Qt::ElideMiddle, text.width()));
    }

private:
    QIcon m_icon;
    QString m_folder;
};

} // namespace

RecentList::RecentList(Recent& recent, const QString& name, QWidget* parent)
    : QWidget(parent)
    , m_recent(recent)
    , m_column(new QVBoxLayout(this))
{
    setObjectName(name);
    setAccessibleName(tr("Recent models"));
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(2);
    connect(&m_recent, &Recent::changed, this, &RecentList::rebuild);
    rebuild();
}

void RecentList::setMostRows(int rows)
{
    m_mostRows = rows;
    for (int i = 0; i < m_column->count(); ++i) {
        m_column->itemAt(i)->widget()->setVisible(i < m_mostRows);
    }
}

void RecentList::rebuild()
{
    while (QLayoutItem* item = m_column->takeAt(0)) {
        item->widget()->hide(); // it stands there until it is deleted
        item->widget()->deleteLater(); // may be the row that was just clicked
        delete item;
    }
    int number = 0;
    for (const QString& path : m_recent.models()) {
        auto* row = new RecentRow(path);
        row->setObjectName(QStringLiteral("%1.%2").arg(objectName()).arg(number++));
        m_column->addWidget(row);
        row->setVisible(number <= m_mostRows);
        connect(row, &QAbstractButton::clicked, this, [this, path] { Q_EMIT chosen(path); });
    }
    if (number == 0) {
        hide();
    } else if (parentWidget() != nullptr) {
        show(); // without a parent it would be a window of its own
    }
}

} // namespace pissarro::ui
