// SPDX-License-Identifier: GPL-3.0-or-later
// Types of files and of LibTorch, one for the other.
#include "core/base/error.h"
#include "core/tensor/dtypes_tensors.h"

#include <ATen/ATen.h>

#include <QtTest/QtTest>

#include <cstring>

using namespace pissarro::core;

class TestTensorTypes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Every type of LibTorch's that files know has one name there, of the same size, and comes back.
    void types_areOneToOne()
    {
        for (const at::ScalarType type :
             {at::kDouble, at::kFloat, at::kBFloat16, at::kHalf, at::kLong, at::kInt, at::kShort,
              at::kChar, at::kByte, at::kBool}) {
            const DType dtype = fileDType(type);
            QVERIFY(tensorType(dtype) == type);
            QCOMPARE(std::size_t {dtypeSize(dtype)}, std::size_t {at::elementSize(type)});
        }
        QVERIFY_THROWS_EXCEPTION(Error, fileDType(at::kComplexFloat));
        for (const DType dtype : allDTypes()) {
            if (dtype.info().elements > 1 || dtype.info().needsScales) {
                QVERIFY_THROWS_EXCEPTION(Error, tensorType(dtype));
            }
        }
    }

    void models_areStoredInThree()
    {
        QVERIFY(storableType("float32") == at::kFloat);
        QVERIFY(storableType("bfloat16") == at::kBFloat16);
        QVERIFY(storableType("float16") == at::kHalf);
        for (const char* other : {"float64", "int8", "F32", ""}) {
            QVERIFY_THROWS_EXCEPTION(Error, storableType(other));
        }
    }

    // Bytes that lie as the type wants them are used in place, others are copied: the numbers are the same.
    void aView_isATensor()
    {
        alignas(16) std::byte bytes[32] {};
        const float numbers[4] {1.5F, -2.0F, 0.0F, 3e8F};
        for (const std::size_t at : {std::size_t {0}, std::size_t {1}}) {
            std::memcpy(bytes + at, numbers, sizeof numbers);
            TensorView view;
            view.name = "w";
            view.dtype = DType::F32;
            view.shape = {2, 2};
            view.data = bytes + at;
            view.sizeBytes = sizeof numbers;
            const at::Tensor found = tensorOver(view);
            QCOMPARE(found.const_data_ptr() == static_cast<const void*>(bytes + at), at == 0);
            QVERIFY(at::equal(found, at::tensor(at::ArrayRef<float>(numbers, 4)).view({2, 2})));
        }
    }
};

QTEST_GUILESS_MAIN(TestTensorTypes)
#include "tst_tensor_types.moc"
