// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVector>

namespace pissarro::ui {

class RunPair;

// Two runs in figures: before the first step, at the end, and which matrices had other ranks; each with the difference.
class PairFiguresModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, A, B, Difference, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(const RunPair& pair);
    void setTitles(const QString& a, const QString& b);
    QString csv() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString name;
        QString a;
        QString b;
        QString difference;
        bool isHeadline = false; // of the rows below it
    };
    enum class Kind { Number, Share, Points, Seconds, Count };
    static QString textOf(double value, Kind kind);
    static QString differenceOf(double a, double b, Kind kind);
    void add(const QString& name, double a, double b, Kind kind = Kind::Number);
    void addHeadline(const QString& name);
    void addStart(const RunPair& pair);
    void addEnd(const RunPair& pair);
    void addScores(const RunPair& pair);
    void addRanks(const RunPair& pair);

    QVector<Row> m_rows;
    QString m_a;
    QString m_b;
};

} // namespace pissarro::ui
