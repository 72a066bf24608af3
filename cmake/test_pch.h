#pragma once
/// \file  What is precompiled for test binaries besides pch.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
