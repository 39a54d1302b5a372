// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QUndoStack>

#include <functional>

namespace pissarro::ui {

// The steps of a person that can be taken back, whichever page they were made on, in the order in which they were made.
// A step that means nothing any more (QUndoCommand::setObsolete()) leaves the stack before its turn comes, so that no
// press is lost on it.
class ChangeStack : public QUndoStack {
    Q_OBJECT

public:
    explicit ChangeStack(QObject* parent = nullptr);
    ~ChangeStack() override;
    Q_DISABLE_COPY_MOVE(ChangeStack)

    // A step is being done or taken back: what changes meanwhile is part of it, and no step of its own.
    bool isMoving() const { return m_moving; }
    void move(const std::function<void()>& act); // as part of a step
    void dropObsolete(); // those whose turn it is
    // Does it and has it told with a way back, as it asks nothing before: "Archived PiSSA r16".
    void pushTold(QUndoCommand* step);

Q_SIGNALS:
    void told(const QString& text);

private:
    bool m_moving = false;
};

} // namespace pissarro::ui
