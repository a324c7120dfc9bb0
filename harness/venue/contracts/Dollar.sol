// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A mintable ERC-20 of 6 decimals. No constructor and no immutables: its runtime code stands at a documented
/// address, and slot 0 (the minter) is written when the code is placed.
abstract contract Dollar {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    error NotMinter();
    error TransferAmountExceedsBalance();
    error TransferAmountExceedsAllowance();

    uint8 public constant decimals = 6;

    address public minter; // slot 0
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function name() external pure virtual returns (string memory);
    function symbol() external pure virtual returns (string memory);

    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert NotMinter();
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < amount) revert TransferAmountExceedsAllowance();
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (balanceOf[from] < amount) revert TransferAmountExceedsBalance();
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

/// The exchange's collateral: what trades pay in.
contract PolymarketUSD is Dollar {
    function name() external pure override returns (string memory) {
        return "Polymarket USD";
    }

    function symbol() external pure override returns (string memory) {
        return "pUSD";
    }
}

/// What positions are backed by.
contract BridgedUSDC is Dollar {
    function name() external pure override returns (string memory) {
        return "USD Coin (PoS)";
    }

    function symbol() external pure override returns (string memory) {
        return "USDC.e";
    }
}
