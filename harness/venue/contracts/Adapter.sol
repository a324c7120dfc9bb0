// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PUSD, USDCE} from "./Addresses.sol";
import {CollateralToken} from "./Collateral.sol";
import {Binary} from "./ConditionalTokens.sol";
import {Dollar} from "./Dollar.sol";

/// Positions for pUSD, although ConditionalTokens knows them for what stands behind pUSD. The arguments are those of
/// ConditionalTokens; of them only the condition and the amount count. The caller approves this contract for pUSD
/// to split, and as operator of its shares to merge and to redeem.
abstract contract CollateralAdapter is Binary {
    function splitPosition(address, bytes32, bytes32 condition, uint256[] calldata, uint256 amount) external {
        _takeCollateral(amount);
        _split(condition, amount);
        _moveShares(address(this), msg.sender, _ids(condition), _pair(amount, amount));
    }

    function mergePositions(address, bytes32, bytes32 condition, uint256[] calldata, uint256 amount) external {
        _moveShares(msg.sender, address(this), _ids(condition), _pair(amount, amount));
        _merge(condition, amount);
        _giveCollateral(amount);
    }

    /// Redeems all that the caller holds of both outcomes, whatever index sets were named.
    function redeemPositions(address, bytes32, bytes32 condition, uint256[] calldata) external {
        uint256[] memory ids = _ids(condition);
        uint256[] memory held = _holding(msg.sender, ids);
        _moveShares(msg.sender, address(this), ids, held);
        _redeem(condition, held);
        _giveCollateral(Dollar(USDCE).balanceOf(address(this)));
    }

    function _ids(bytes32 condition) internal view virtual returns (uint256[] memory);
    function _split(bytes32 condition, uint256 amount) internal virtual;
    function _merge(bytes32 condition, uint256 amount) internal virtual;
    function _redeem(bytes32 condition, uint256[] memory held) internal virtual;

    function _takeCollateral(uint256 amount) internal {
        Dollar(PUSD).transferFrom(msg.sender, PUSD, amount);
        CollateralToken(PUSD).unwrap(USDCE, address(this), amount);
    }

    function _giveCollateral(uint256 amount) internal {
        Dollar(USDCE).transfer(PUSD, amount);
        CollateralToken(PUSD).wrap(USDCE, msg.sender, amount);
    }

    function _moveShares(address from, address to, uint256[] memory ids, uint256[] memory amounts) internal {
        TOKENS.safeBatchTransferFrom(from, to, ids, amounts, "");
    }
}

/// For standard markets: positions of ConditionalTokens, backed by USDC.e.
contract CtfCollateralAdapter is CollateralAdapter {
    function _ids(bytes32 condition) internal view override returns (uint256[] memory) {
        return _positions(USDCE, condition);
    }

    function _split(bytes32 condition, uint256 amount) internal override {
        TOKENS.splitPosition(USDCE, ROOT, condition, _partition(), amount);
    }

    function _merge(bytes32 condition, uint256 amount) internal override {
        TOKENS.mergePositions(USDCE, ROOT, condition, _partition(), amount);
    }

    function _redeem(bytes32 condition, uint256[] memory) internal override {
        TOKENS.redeemPositions(USDCE, ROOT, condition, _partition());
    }
}
