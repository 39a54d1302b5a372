// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <QtTest/QtTest>

#include <cstring>
#include <functional>

using namespace pissarro::core;

namespace {

// What it says when it refuses; empty: it did not.
QString refusalOf(const std::function<void()>& body)
{
    try {
        body();
    } catch (const Error& e) {
        return e.kind() == ErrorKind::Internal ? QString::fromUtf8(e.what())
                                               : QStringLiteral("of another kind");
    }
    return {};
}

// A tensor elsewhere, without a GPU: LibTorch's device that holds shapes alone.
at::Tensor elsewhere()
{
    return at::empty({2, 3}, at::TensorOptions().dtype(at::kFloat).device(at::kMeta));
}

} // namespace

class HostPointerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbers_areReadAndWritten()
    {
        at::Tensor t = at::arange(6, at::kFloat).view({2, 3});
        QCOMPARE(in<float>(t)[4], 4.0F);
        QCOMPARE(in<float>(t.narrow(1, 2, 1))[0], 2.0F); // a view: from its own first number on
        out<float>(t)[5] = 50.0F;
        QCOMPARE(t[1][2].item<float>(), 50.0F);
        const at::Tensor half = at::ones({1}, at::kBFloat16);
        QCOMPARE(in<std::uint16_t>(half)[0], std::uint16_t {0x3f80});
        QCOMPARE(in<kernels::Bf16>(half)[0].bits, std::uint16_t {0x3f80});
        QCOMPARE(in<std::uint32_t>(at::ones({1}, at::kFloat))[0], 0x3f800000U);
        QCOMPARE(in<std::int64_t>(at::full({1}, 7, at::kLong))[0], std::int64_t {7});
    }

    void anotherType_isRefused()
    {
        const at::Tensor doubles = at::ones({3}, at::kDouble);
        const QString text = refusalOf([&] { in<float>(doubles); });
        QVERIFY2(text.contains("Float") && text.contains("Double on cpu"), qPrintable(text));
        QVERIFY(!refusalOf([&] { out<kernels::Bf16>(doubles); }).isEmpty());
        QVERIFY(!refusalOf([&] { in<kernels::Bf16>(at::ones({1}, at::kHalf)); }).isEmpty());
        QVERIFY(!refusalOf([&] { deviceAddress<const float>(doubles); }).isEmpty());
        QVERIFY(refusalOf([] { in<float>(at::Tensor()); }).contains("no tensor"));
    }

    void memoryOfAnotherDevice_isRefused()
    {
        const at::Tensor t = elsewhere();
        QVERIFY(refusalOf([&] { in<float>(t); }).contains("meta"));
        QVERIFY(refusalOf([&] { out<float>(t); }).contains("meta"));
        QVERIFY(refusalOf([&] { hostBytes(t); }).contains("meta"));
        QVERIFY(refusalOf([&] { hostBytesOut(t); }).contains("meta"));
    }

    void bytes_areAllOfThem()
    {
        const at::Tensor t = at::arange(6, at::kFloat).view({2, 3});
        const auto bytes = hostBytes(t);
        QCOMPARE(bytes.size(), std::size_t {24});
        at::Tensor copy = at::zeros({2, 3}, at::kFloat);
        std::memcpy(hostBytesOut(copy).data(), bytes.data(), bytes.size());
        QVERIFY(at::equal(copy, t));
        QVERIFY(!refusalOf([&] { hostBytes(t.t()); }).isEmpty()); // its bytes lie in another order
    }
};

QTEST_GUILESS_MAIN(HostPointerTest)
#include "tst_host_pointer.moc"
