// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NEG_RISK_ADAPTER, USDCE} from "./Addresses.sol";
import {Dollar} from "./Dollar.sol";

/// What positions of neg-risk markets are backed by: wrapped USDC.e, and for a conversion more of it than USDC.e, as
/// long as the adapter holds the shares that will never be paid.
contract WrappedCollateral is Dollar {
    error OnlyOwner();

    modifier onlyOwner() {
        if (msg.sender != NEG_RISK_ADAPTER) revert OnlyOwner();
        _;
    }

    function name() external pure override returns (string memory) {
        return "Wrapped Collateral";
    }

    function symbol() external pure override returns (string memory) {
        return "WCOL";
    }

    function wrap(address to, uint256 amount) external onlyOwner {
        Dollar(USDCE).transferFrom(msg.sender, address(this), amount);
        _mint(to, amount);
    }

    function unwrap(address to, uint256 amount) external {
        _burn(msg.sender, amount);
        Dollar(USDCE).transfer(to, amount);
    }

    /// Makes wrapped collateral with nothing behind it.
    function mint(uint256 amount) external onlyOwner {
        _mint(msg.sender, amount);
    }

    /// Pays USDC.e out and leaves the wrapped collateral.
    function release(address to, uint256 amount) external onlyOwner {
        Dollar(USDCE).transfer(to, amount);
    }
}
